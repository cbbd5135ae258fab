import type { PlainDate } from '../calendar/local-date.ts';
import type { CustomerFacts } from '../customers/customer-facts.ts';
import type { Currency } from '../money/currency.ts';
import type { PlanFacts, SubscriptionFacts } from '../subscriptions/subscription-facts.ts';
import { customerSettings } from '../customers/customer-facts.ts';
import { isDraft } from './draft-facts.ts';
import type { InvoiceDateSettings } from './invoice-dates.ts';
import { INVOICE_POLICIES, type InvoiceType } from './invoice-policy.ts';
import type { EntityZeroAmountSetting } from './invoice-status.ts';
import type { PlanInvoicingReason } from './invoicing-reason.ts';

/** One subscription on an invoice that is to be made. */
export interface PlannedLine {
  readonly subscription: SubscriptionFacts;
  readonly plan: PlanFacts;
  readonly invoicingReason: PlanInvoicingReason;
  /** Whether the subscription is not stored: a preview plans it. */
  readonly isProposed?: boolean;
}

/** By whose taxes an invoice is taxed (spec, money 1.3). */
export interface TaxedParties {
  /** null: a customer that nobody has stored. */
  readonly customerId: string | null;
  /** The customer's, whoever issues the invoice. */
  readonly billingEntityId: string;
  /** Of the external provider that taxes the customer (spec, money 1.8); null: our own rules do. */
  readonly taxProviderCode: string | null;
}

/** Those of a customer that is stored. */
export const taxedParties = (customer: {
  readonly id: string;
  readonly billingEntityId: string;
  readonly taxProviderCode?: string | null | undefined;
}): TaxedParties => ({
  customerId: customer.id,
  billingEntityId: customer.billingEntityId,
  taxProviderCode: customer.taxProviderCode ?? null,
});

/**
 * Which invoice is to be made, of whom, and as of when. All lines share customer, currency and billing entity; nothing
 * of it needs to be stored, so that a preview can plan what is only proposed.
 */
export interface PlannedInvoice {
  readonly invoiceType: InvoiceType;
  /** What it says of other invoices never counts this one. */
  readonly invoiceId: string;
  readonly customer: CustomerFacts;
  /** The issuer. */
  readonly billingEntity: InvoiceDateSettings & EntityZeroAmountSetting;
  /** Whose taxes apply. */
  readonly taxed: TaxedParties;
  /** The customer's. */
  readonly timeZone: string;
  readonly currency: Currency;
  /** The billing instant B; of a missed day, the first instant of that local day. */
  readonly billingInstant: Date;
  /** Whether the periodic run makes it. */
  readonly recurring: boolean;
  readonly lines: readonly PlannedLine[];
  /** The local day on which the invoice is first made. */
  readonly day: PlainDate;
  /** The local day on which a draft becomes final; null: it is made or refreshed. */
  readonly finalizedOn: PlainDate | null;
  /** Whether the invoice was made before: then only what is older than it counts (spec, decisions). */
  readonly isMadeAgain: boolean;
  /** Whether its taxes were not known when it was made last. */
  readonly awaitedTaxes: boolean;
}

/** Whether it is first made as a draft (spec, subscriptions-and-invoices 6.6). */
export const becomesDraft = (planned: PlannedInvoice): boolean => !planned.isMadeAgain && isPlannedDraft(planned);

/** Whether it takes what is left of its customer's coupons: not before it becomes final (spec, money 0). */
export const takesCoupons = (planned: PlannedInvoice): boolean =>
  INVOICE_POLICIES[planned.invoiceType].takesCoupons && !isPlannedDraft(planned);

/** Whether its customer's credit notes pay it: not before it becomes final (spec, money 0). */
export const takesCreditNotes = (planned: PlannedInvoice): boolean =>
  INVOICE_POLICIES[planned.invoiceType].takesCreditNotes && !isPlannedDraft(planned);

const isPlannedDraft = (planned: PlannedInvoice): boolean =>
  isDraft({ ...planned, customer: customerSettings(planned.customer) });
