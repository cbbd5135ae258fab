import type { EntityManager } from '@mikro-orm/postgresql';
import type { PaymentStatus } from '../../billing/invoices/invoice-status.ts';
import { Fee } from '../../db/entities/invoices/fee.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import { announceInvoices } from '../webhooks/announce.ts';
import type { WebhookOrigin } from '../webhooks/emit-webhooks.ts';

/**
 * Gives an invoice that the caller holds another payment status (spec, subscriptions-and-invoices 8.6), with whatever
 * else has changed of it.
 */
export async function changePaymentStatus(
  em: EntityManager,
  origin: WebhookOrigin,
  invoice: Invoice,
  paymentStatus: PaymentStatus,
): Promise<void> {
  const { now } = origin;
  invoice.paymentStatus = paymentStatus;
  if (paymentStatus === 'succeeded') invoice.paymentOverdue = false;
  invoice.updatedAt = now;
  await em.nativeUpdate(Fee, { invoiceId: invoice.id }, { ...feesPayment(paymentStatus, now), updatedAt: now });
  await em.flush();
  await announceInvoices(em, origin, [{ id: invoice.id, types: ['invoice.payment_status_updated'] }]);
}

/** Fees take the status of their invoice, and the moment at which they have it. */
const feesPayment = (paymentStatus: PaymentStatus, now: Date) => ({
  paymentStatus,
  succeededAt: paymentStatus === 'succeeded' ? now : null,
  failedAt: paymentStatus === 'failed' ? now : null,
});
