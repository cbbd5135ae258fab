/** Why a subscription is on an invoice of its plan (spec, subscriptions-and-invoices 3). */
export type PlanInvoicingReason = 'subscription_starting' | 'subscription_periodic' | 'subscription_terminating';

/** Why a subscription is on an invoice. */
export type InvoicingReason =
  | PlanInvoicingReason
  | 'in_advance_charge'
  | 'in_advance_charge_periodic'
  | 'progressive_billing';
