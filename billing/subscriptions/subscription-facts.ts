import type { Interval } from '../calendar/interval.ts';
import type { BillingTime } from '../calendar/period.ts';
import type { SubscriptionStatus } from '../calendar/subscription-terms.ts';
import type { PaymentMethodType } from '../invoices/invoicing-group.ts';
import type { Currency } from '../money/currency.ts';
import type { Decimal } from '../money/decimal.ts';

/**
 * A subscription as billing knows it. A row of the table is one; so is what a request proposes and nobody has stored.
 * Instants have milliseconds.
 */
export interface SubscriptionFacts {
  /** Of a proposed subscription: anything that tells it apart from the others. */
  readonly id: string;
  readonly customerId: string;
  readonly externalId: string;
  readonly name: string;
  readonly status: SubscriptionStatus;
  readonly billingTime: BillingTime;
  readonly subscriptionAt: Date;
  readonly startedAt?: Date | null | undefined;
  /** The first instant of its usage, where that is later than its start. */
  readonly usageFrom?: Date | null | undefined;
  readonly terminatedAt?: Date | null | undefined;
  readonly trialEndedAt?: Date | null | undefined;
  readonly endingAt?: Date | null | undefined;
  /** When `endingAt` got its present value. */
  readonly endingSetAt?: Date | null | undefined;
  /** UTC dates 'YYYY-MM-DD' of the termination alerts that were sent. */
  readonly terminationAlertDates: readonly string[];
  /** The billing day 'YYYY-MM-DD' up to which everything is billed; absent or null: none yet. */
  readonly lastBillingDay?: string | null | undefined;
  /** Overrides the customer's billing entity. */
  readonly billingEntityId?: string | null | undefined;
  /** false: always invoiced alone. */
  readonly consolidateInvoice: boolean;
  readonly purchaseOrderNumber?: string | null | undefined;
  readonly paymentMethodId?: string | null | undefined;
  readonly paymentMethodType: PaymentMethodType;
  readonly createdAt: Date;
}

/** A plan as billing knows it, from its row or from a request. */
export interface PlanFacts {
  readonly id: string;
  /** Of the plan that it overrides for one subscription. */
  readonly parentId?: string | null | undefined;
  readonly name: string;
  readonly invoiceDisplayName?: string | null | undefined;
  readonly interval: Interval;
  readonly amountCents: bigint;
  readonly amountCurrency: Currency;
  /** Days. */
  readonly trialPeriod?: Decimal | null | undefined;
  readonly payInAdvance: boolean;
  readonly billChargesMonthly?: boolean | null | undefined;
  readonly billFixedChargesMonthly?: boolean | null | undefined;
}
