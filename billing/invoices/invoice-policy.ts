/** Where an invoice comes from (spec, subscriptions-and-invoices 6.2). */
export type InvoiceType = 'subscription' | 'add_on' | 'credit' | 'one_off' | 'advance_charges' | 'progressive_billing';

/** A type of invoice that durabill makes. */
export type MadeInvoiceType = Extract<InvoiceType, 'subscription'>;

/** How invoices of a type differ from each other. */
export interface InvoicePolicy {
  /** Whether a grace period first makes it a draft, and moves its dates (6.5, 6.6). */
  readonly hasGracePeriod: boolean;
  /** The webhook that says that it is final (14). */
  readonly finalWebhook: 'invoice.created';
}

/**
 * The invoices that durabill makes, by their types (spec, subscriptions-and-invoices 6.2, 6.5, 6.6, 14). A type that is made for the
 * first time gets its row here; what else its invoices differ in is a column.
 */
export const invoicePolicies: Readonly<Record<MadeInvoiceType, InvoicePolicy>> = {
  subscription: { hasGracePeriod: true, finalWebhook: 'invoice.created' },
};
