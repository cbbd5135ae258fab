import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { datetime } from '../../shapes/formats.ts';
import { announceInvoice } from '../../activities/webhooks/announce.ts';
import { notAllowed } from '../../billing/refusal.ts';
import type { PaymentStatus } from '../../billing/invoices/invoice-status.ts';
import { Fee } from '../../db/entities/fee.ts';
import type { Invoice } from '../../db/entities/invoice.ts';
import { replacedMetadata } from '../../billing/metadata/replaced-metadata.ts';
import type { RequestContext } from '../http/request-context.ts';
import { findInvoice } from './find-invoice.ts';
import { holdInvoice } from './hold-invoice.ts';
import type { InvoiceUpdateInput } from './update-schema.ts';

/**
 * Changes an invoice's payment status and metadata in the caller's transaction (spec, subscriptions-and-invoices 8.6).
 *
 * @throws Refusal 404 `invoice_not_found`; 405 `update_on_voided_invoice`, `payment_status_update_on_draft_invoice`,
 * `metadata_on_draft_invoice`; 422 on `metadata`, 422 `lock_acquisition_failed`.
 */
export async function updateInvoice(
  em: EntityManager,
  { now }: RequestContext,
  id: string,
  { payment_status: paymentStatus, metadata }: InvoiceUpdateInput,
): Promise<Invoice> {
  const invoice = await holdInvoice(em, await findInvoice(em, id));
  if (invoice.status === 'voided') throw notAllowed('update_on_voided_invoice');
  const isPaidOtherwise = paymentStatus != null && paymentStatus !== invoice.paymentStatus;
  if (invoice.status === 'draft') {
    if (isPaidOtherwise) throw notAllowed('payment_status_update_on_draft_invoice');
    if (metadata != null) throw notAllowed('metadata_on_draft_invoice');
  }
  if (metadata != null) {
    const made = { id: v7, createdAt: datetime(now) };
    invoice.metadata = replacedMetadata(invoice.metadata, metadata, made).map((replaced) => replaced.metadata);
    invoice.updatedAt = now;
  }
  if (isPaidOtherwise) {
    invoice.paymentStatus = paymentStatus;
    if (paymentStatus === 'succeeded') invoice.paymentOverdue = false;
    invoice.updatedAt = now;
    await em.nativeUpdate(Fee, { invoiceId: invoice.id }, { ...feesPayment(paymentStatus, now), updatedAt: now });
  }
  await em.flush();
  if (isPaidOtherwise) await announceInvoice(em, invoice, now, ['invoice.payment_status_updated']);
  return invoice;
}

/** Fees take the status of their invoice, and the moment at which they have it. */
const feesPayment = (paymentStatus: PaymentStatus, now: Date) => ({
  paymentStatus,
  succeededAt: paymentStatus === 'succeeded' ? now : null,
  failedAt: paymentStatus === 'failed' ? now : null,
});
