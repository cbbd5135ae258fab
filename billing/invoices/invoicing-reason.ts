/** Why a subscription is on an invoice of its plan (spec, subscriptions-and-invoices 3). */
export type PlanInvoicingReason = 'subscription_starting' | 'subscription_periodic' | 'subscription_terminating';

/**
 * The reason of a line that is billed by its plan.
 *
 * @throws RangeError for one that is not.
 */
export function planReason(reason: InvoicingReason): PlanInvoicingReason {
  switch (reason) {
    case 'subscription_starting':
    case 'subscription_periodic':
    case 'subscription_terminating':
      return reason;
    case 'in_advance_charge':
    case 'in_advance_charge_periodic':
    case 'progressive_billing':
      throw new RangeError(`not billed by its plan: ${reason}`);
    default:
      return reason satisfies never;
  }
}

/** Why a subscription is on an invoice. */
export type InvoicingReason =
  | PlanInvoicingReason
  | 'in_advance_charge'
  | 'in_advance_charge_periodic'
  | 'progressive_billing';
