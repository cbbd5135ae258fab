import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { refuseChanges } from '../../billing/invoices/invoice-changes.ts';
import type { PaymentStatus } from '../../billing/invoices/invoice-status.ts';
import { replacedMetadata, type MetadataInput } from '../../billing/metadata/replaced-metadata.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import { datetime } from '../../shapes/formats.ts';
import type { CommandScope } from '../command-scope.ts';
import { changePaymentStatus } from './change-payment-status.ts';
import { holdInvoice } from './hold-invoice.ts';

export interface UpdateInvoice {
  readonly invoiceId: string;
  /** null: it stays. */
  readonly paymentStatus: PaymentStatus | null;
  /** All of it: what is not listed is deleted; null: it stays. */
  readonly metadata: readonly MetadataInput[] | null;
}

/**
 * Changes an invoice's payment status and metadata in the caller's transaction (spec, subscriptions-and-invoices 8.6).
 *
 * @throws Refusal 404 `invoice_not_found`; 405 as `refuseChanges`; 422 on `metadata`, 422 `lock_acquisition_failed`.
 */
export async function updateInvoice(
  em: EntityManager,
  { now }: CommandScope,
  { invoiceId, paymentStatus: asked, metadata }: UpdateInvoice,
): Promise<Invoice> {
  const invoice = await holdInvoice(em, invoiceId);
  const paymentStatus = asked === invoice.paymentStatus ? null : asked;
  refuseChanges(invoice.status, { paymentStatus, hasMetadata: metadata !== null });
  if (metadata !== null) {
    const made = { id: v7, createdAt: datetime(now) };
    invoice.metadata = replacedMetadata(invoice.metadata, metadata, made).map((replaced) => replaced.metadata);
    invoice.updatedAt = now;
  }
  if (paymentStatus === null) await em.flush();
  else await changePaymentStatus(em, { organizationId: invoice.organizationId, now }, invoice, paymentStatus);
  return invoice;
}
