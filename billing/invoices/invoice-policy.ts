/** Where an invoice comes from (spec, subscriptions-and-invoices 6.2). */
export type InvoiceType = 'subscription' | 'add_on' | 'credit' | 'one_off' | 'advance_charges' | 'progressive_billing';

/** What is done with invoices of a type: how they differ from each other, in one place. */
export interface InvoicePolicy {
  /** Whether a grace period first makes it a draft that can be refreshed and finalized, and moves its dates. */
  readonly hasGracePeriod: boolean;
  /** Whether what progressive invoices have billed already is taken off. */
  readonly takesProgressiveCredits: boolean;
  readonly takesCoupons: boolean;
  readonly takesCreditNotes: boolean;
  readonly takesWalletCredits: boolean;
  /** `computed` from rates; `summed` from the taxes that its fees have already; `none`. */
  readonly taxes: 'computed' | 'summed' | 'none';
  /** The webhook that says that it is final; null: none, as an `add_on` invoice is read and never made. */
  readonly finalWebhook: 'invoice.created' | 'invoice.one_off_created' | 'invoice.paid_credit_added' | null;
  /** Whether it gets a number when it becomes final, and counts for the next ones. */
  readonly isNumbered: boolean;
}

const NOTHING_TAKEN = {
  takesProgressiveCredits: false,
  takesCoupons: false,
  takesCreditNotes: false,
  takesWalletCredits: false,
} as const;

const EVERYTHING_TAKEN = {
  takesProgressiveCredits: true,
  takesCoupons: true,
  takesCreditNotes: true,
  takesWalletCredits: true,
} as const;

/**
 * The policies of all types (spec, subscriptions-and-invoices 6.2, 6.5 to 6.7, 9, 10, 14; money 0; usage 6.7, 8.4). An
 * invoice for charges in advance is one of the type `subscription` without a grace period: of those that have one, a
 * reason can do without.
 */
export const INVOICE_POLICIES: Readonly<Record<InvoiceType, InvoicePolicy>> = {
  subscription: {
    ...EVERYTHING_TAKEN,
    hasGracePeriod: true,
    taxes: 'computed',
    finalWebhook: 'invoice.created',
    isNumbered: true,
  },
  progressive_billing: {
    ...EVERYTHING_TAKEN,
    hasGracePeriod: false,
    taxes: 'computed',
    finalWebhook: 'invoice.created',
    isNumbered: true,
  },
  one_off: {
    ...NOTHING_TAKEN,
    hasGracePeriod: false,
    taxes: 'computed',
    finalWebhook: 'invoice.one_off_created',
    isNumbered: true,
  },
  credit: {
    ...NOTHING_TAKEN,
    hasGracePeriod: false,
    taxes: 'none',
    finalWebhook: 'invoice.paid_credit_added',
    isNumbered: true,
  },
  advance_charges: {
    ...NOTHING_TAKEN,
    hasGracePeriod: false,
    taxes: 'summed',
    finalWebhook: 'invoice.created',
    isNumbered: true,
  },
  add_on: {
    ...NOTHING_TAKEN,
    hasGracePeriod: false,
    taxes: 'none',
    finalWebhook: null,
    isNumbered: false,
  },
};
