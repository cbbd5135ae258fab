import { notAllowed } from '../refusal.ts';
import type { InvoiceStatus, PaymentStatus } from './invoice-status.ts';

/** What a request may change of an invoice once it is made. */
export interface AskedChanges {
  /** Another payment status than the invoice has. */
  readonly paymentStatus: PaymentStatus | null;
  readonly hasMetadata: boolean;
}

/**
 * Refuses what an invoice of this status does not take (spec, subscriptions-and-invoices 8.6): a draft that is to be
 * `succeeded` is `payment_status_update_on_draft_invoice`, one that gets metadata `metadata_on_draft_invoice`.
 *
 * @throws Refusal 405.
 */
export function refuseChanges(status: InvoiceStatus, { paymentStatus, hasMetadata }: AskedChanges): void {
  if (status === 'voided') throw notAllowed('update_on_voided_invoice');
  if (status !== 'draft') return;
  if (paymentStatus !== null) throw notAllowed('payment_status_update_on_draft_invoice');
  if (hasMetadata) throw notAllowed('metadata_on_draft_invoice');
}
