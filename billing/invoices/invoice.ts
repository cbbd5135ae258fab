import type { Currency } from '../money/currency.ts';
import type { Decimal } from '../money/decimal.ts';
import type { InvoiceDates } from './invoice-dates.ts';
import type { FinalStatus, PaymentStatus } from './invoice-status.ts';
import type { InvoicingReason } from './invoicing-reason.ts';
import type { InvoiceTotals } from './totals.ts';

/** One line of a calculated invoice. */
export interface InvoiceFee {
  readonly feeType: 'subscription' | 'charge';
  readonly subscriptionId: string;
  /** null for a subscription fee. */
  readonly chargeId: string | null;
  /** The name on the invoice, which later changes of the plan do not touch. */
  readonly invoiceDisplayName: string;
  readonly units: Decimal;
  /** null for a subscription fee. */
  readonly totalAggregatedUnits: Decimal | null;
  /** null for a subscription fee. */
  readonly eventsCount: bigint | null;
  readonly amountCents: bigint;
  /** Cents with 15 digits after the point. */
  readonly preciseAmountCents: Decimal;
  readonly unitAmountCents: bigint;
  /** Currency units with 15 digits after the point. */
  readonly preciseUnitAmount: Decimal;
  /** Ready for JSON. */
  readonly amountDetails: Readonly<Record<string, unknown>>;
  /** The window that it bills, both ends inclusive. */
  readonly fromDatetime: Date;
  readonly toDatetime: Date;
}

/** A subscription on a calculated invoice with what it is billed for; windows are inclusive at both ends. */
export interface InvoicedSubscription {
  readonly subscriptionId: string;
  /** The billing instant B. */
  readonly timestamp: Date;
  /** Whether the periodic run made it. */
  readonly recurring: boolean;
  readonly invoicingReason: InvoicingReason;
  readonly fromDatetime: Date | null;
  readonly toDatetime: Date | null;
  readonly chargesFromDatetime: Date | null;
  readonly chargesToDatetime: Date | null;
  readonly fixedChargesFromDatetime: Date | null;
  readonly fixedChargesToDatetime: Date | null;
}

/** A complete invoice, but for its id and number: what is saved, shown as a preview, or explained. */
export interface CalculatedInvoice extends InvoiceTotals, InvoiceDates {
  readonly currency: Currency;
  readonly timezone: string;
  readonly status: 'draft' | FinalStatus;
  readonly paymentStatus: PaymentStatus;
  /** Days; both are what the dates were computed with. */
  readonly netPaymentTerm: number;
  readonly appliedGracePeriod: number;
  readonly subscriptions: readonly InvoicedSubscription[];
  /** For each subscription its subscription fee, then its usage fees in the order of the charges. */
  readonly fees: readonly InvoiceFee[];
}
