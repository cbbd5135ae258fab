import type { EntityManager } from '@mikro-orm/postgresql';
import { dueOf } from '../../billing/credit-notes/invoice-amounts.ts';
import type { CreditNote } from '../../db/entities/credit-notes/credit-note.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import { changePaymentStatus } from '../invoices/change-payment-status.ts';
import { announceCreditNotes } from '../webhooks/announce.ts';
import type { WebhookOrigin } from '../webhooks/emit-webhooks.ts';

/**
 * What follows from a credit note that is final (spec, money 3.3): its offset is taken off what is due on the invoice,
 * which is paid when nothing is due any more; and the endpoints hear of it.
 *
 * @param invoice is changed.
 */
export async function concludeNote(
  em: EntityManager,
  origin: WebhookOrigin,
  invoice: Invoice,
  { id, offsetAmountCents }: Pick<CreditNote, 'id' | 'offsetAmountCents'>,
): Promise<void> {
  if (offsetAmountCents > 0n) {
    const totalOffsetAmountCents = invoice.totalOffsetAmountCents + offsetAmountCents;
    em.assign(invoice, { totalOffsetAmountCents, updatedAt: origin.now });
    const isSettled = invoice.paymentStatus !== 'succeeded' && dueOf(invoice, totalOffsetAmountCents) <= 0n;
    if (isSettled) await changePaymentStatus(em, origin, invoice, 'succeeded');
    else await em.flush();
  }
  await announceCreditNotes(em, origin, [{ id, types: ['credit_note.created'] }]);
}
