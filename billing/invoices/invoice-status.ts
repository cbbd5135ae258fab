/** Every status of an invoice (spec, subscriptions-and-invoices 6.3). */
export type InvoiceStatus =
  | 'generating'
  | 'draft'
  | 'finalized'
  | 'voided'
  | 'failed'
  | 'pending'
  | 'open'
  | 'closed'
  | 'deleted';

/**
 * What a customer says about invoices without fees; `inherit`: the billing entity decides (spec,
 * subscriptions-and-invoices 11.1).
 */
export interface CustomerZeroAmountSetting {
  readonly finalizeZeroAmountInvoice: 'inherit' | 'skip' | 'finalize';
}

/** What a billing entity says about invoices without fees. */
export interface EntityZeroAmountSetting {
  readonly finalizeZeroAmountInvoice: boolean;
}

/** `closed`: no number, no webhook, no PDF, no payment. */
export type FinalStatus = 'finalized' | 'closed';

export type PaymentStatus = 'pending' | 'succeeded' | 'failed';

/** Whether an invoice has its taxes (spec, money 1.7, 1.8); never shown. */
export type TaxStatus = 'pending' | 'succeeded' | 'failed';

/**
 * What an invoice becomes in the end (spec, subscriptions-and-invoices 6.3, "transition to final"). The test is on the
 * fees, not on the total: fees that a coupon covers in full are finalized.
 */
export function finalStatus(
  feesAmountCents: bigint,
  customer: CustomerZeroAmountSetting,
  billingEntity: EntityZeroAmountSetting,
): FinalStatus {
  return feesAmountCents !== 0n || wantsZeroAmountInvoices(customer, billingEntity) ? 'finalized' : 'closed';
}

function wantsZeroAmountInvoices(customer: CustomerZeroAmountSetting, billingEntity: EntityZeroAmountSetting): boolean {
  switch (customer.finalizeZeroAmountInvoice) {
    case 'inherit':
      return billingEntity.finalizeZeroAmountInvoice;
    case 'finalize':
      return true;
    case 'skip':
      return false;
    default:
      return customer.finalizeZeroAmountInvoice satisfies never;
  }
}

/** The payment status of an invoice when it is computed (spec, subscriptions-and-invoices 6.3). */
export function initialPaymentStatus(totalAmountCents: bigint): PaymentStatus {
  return totalAmountCents === 0n ? 'succeeded' : 'pending';
}

/** Statuses that answers show; the others are never visible (spec, subscriptions-and-invoices 6.3). */
export const VISIBLE_STATUSES = ['draft', 'finalized', 'voided', 'failed', 'pending'] as const;
