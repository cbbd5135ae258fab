import type { EntityManager } from '@mikro-orm/postgresql';
import { assertTransition } from '../../billing/invoices/invoice-transitions.ts';
import { notAllowed } from '../../billing/refusal.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { wakeActs } from '../../db/acts/wake-acts.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import { deleteDraftNotes } from '../../db/queries/credit-notes/draft-notes.ts';
import { finalizeId } from './finalize-act.ts';
import { refreshId } from './refresh-act.ts';
import type { CommandScope } from '../command-scope.ts';
import { announceInvoices } from '../webhooks/announce.ts';
import { holdInvoice } from './hold-invoice.ts';

/**
 * Deletes a draft with its credit notes in the caller's transaction. Its windows stay, so that the period is not billed
 * again (spec, subscriptions-and-invoices 8.5).
 *
 * @returns the draft as it was.
 * @throws Refusal 404 `invoice_not_found`; 405 `not_deletable` for what is no draft; 422 `lock_acquisition_failed`.
 */
export async function deleteDraft(em: EntityManager, { now }: CommandScope, invoiceId: string): Promise<Invoice> {
  const invoice = await holdInvoice(em, invoiceId);
  if (invoice.status !== 'draft') throw notAllowed('not_deletable');
  const draft = { ...invoice };
  await announceInvoices(em, { organizationId: invoice.organizationId, now }, [
    { id: invoice.id, types: ['invoice.deleted'] },
  ]);
  assertTransition(invoice.status, 'deleted', 'deletion of a draft');
  em.assign(invoice, { status: 'deleted', updatedAt: now });
  await em.flush();
  await deleteDraftNotes(em, invoice.organizationId, invoice.id);
  // The workflow that waits for the end of the grace period looks, finds no draft, and ends.
  await wakeActs(em, [finalizeId(invoice.id)]);
  await finishActs(em, [refreshId(invoice.id)]);
  return draft;
}
