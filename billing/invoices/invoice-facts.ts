import type { Windows } from '../calendar/boundaries.ts';
import type { PlainDate } from '../calendar/local-date.ts';
import type { InvoicedCharge } from '../charges/charge-facts.ts';
import type { InvoiceCouponFacts } from '../coupons/applied-coupon.ts';
import type { OpenNote } from '../credit-notes/use-notes.ts';
import type { Currency } from '../money/currency.ts';
import type { CustomerDateSettings, InvoiceDateSettings } from './invoice-dates.ts';
import type { InvoiceTaxFacts } from '../taxes/tax-facts.ts';
import type { CustomerZeroAmountSetting, EntityZeroAmountSetting } from './invoice-status.ts';
import type { AddOnFeeFacts } from '../fees/generate-add-on-fee.ts';
import type { SubscriptionFeeFacts } from '../fees/subscription-fee.ts';
import type { InvoicedSubscription } from './invoice.ts';
import type { GeneratedFee } from '../fees/fee.ts';
import type { InvoiceType } from './invoice-policy.ts';
import type { PlanInvoicingReason } from './invoicing-reason.ts';

/** Everything that an invoice is calculated from. All of it belongs to one customer and one invoicing group. */
export interface InvoiceFacts {
  readonly invoiceType: InvoiceType;
  readonly currency: Currency;
  /** The customer's IANA time zone. */
  readonly timeZone: string;
  /** The billing instant B; of a missed day, the first instant of that local day. */
  readonly billingInstant: Date;
  /** The local day on which the invoice is first made; later than that of B if the day was missed. */
  readonly day: PlainDate;
  /** The local day on which a draft becomes final; null: it is made or refreshed. */
  readonly finalizedOn: PlainDate | null;
  /** Whether it was made before: a draft that is refreshed or becomes final. */
  readonly isMadeAgain: boolean;
  /** Whether its taxes were not known when it was made last. */
  readonly awaitedTaxes: boolean;
  /** Whether the periodic run makes it. */
  readonly recurring: boolean;
  readonly customer: CustomerDateSettings & CustomerZeroAmountSetting;
  readonly billingEntity: InvoiceDateSettings & EntityZeroAmountSetting;
  readonly coupons: InvoiceCouponFacts;
  /** What can pay it, in this order (`notesFor`). */
  readonly creditNotes: readonly OpenNote[];
  readonly taxes: InvoiceTaxFacts;
  /** Whether the customer has paid fees without invoice, which may be gathered beside it; absent: not known. */
  readonly hasPaidFees?: boolean;
  /** The one event that it charges in advance; absent: it does not. */
  readonly instant?: InstantCharge;
  /** What a one-off invoice sells. */
  readonly addOns: readonly AddOnFeeFacts[];
  /** In the order of the invoice. */
  readonly subscriptions: readonly InvoicedSubscriptionFacts[];
}

/** What an invoice for one event of a charge in advance consists of (spec, usage 6.5). */
export interface InstantCharge {
  readonly fee: GeneratedFee;
  readonly invoiced: InvoicedSubscription;
}

/** One subscription on the invoice: what its fee depends on, and its usage. */
export interface InvoicedSubscriptionFacts extends Omit<
  SubscriptionFeeFacts,
  'timeZone' | 'billingInstant' | 'invoicingReason' | 'window' | 'currency'
> {
  readonly subscriptionId: string;
  readonly invoicingReason: PlanInvoicingReason;
  readonly windows: Windows;
  readonly plan: { readonly name: string; readonly invoiceDisplayName: string | null };
  /** All charges of the plan, in its order. */
  readonly charges: readonly InvoicedCharge[];
}
