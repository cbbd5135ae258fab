/** Why a subscription is on an invoice of its plan (spec, subscriptions-and-invoices 3). */
export type InvoicingReason = 'subscription_starting' | 'subscription_periodic' | 'subscription_terminating';
