import { assertTransition } from '../../billing/invoices/invoice-transitions.ts';
import type { EntityManager } from '@mikro-orm/postgresql';
import { announceInvoice } from '../../activities/webhooks/announce.ts';
import { notAllowed } from '../../billing/refusal.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { wakeActs } from '../../db/acts/wake-acts.ts';
import { finalizeId } from '../../activities/invoices/finalize-act.ts';
import { refreshId } from '../../activities/invoices/refresh-act.ts';
import type { RequestContext } from '../http/request-context.ts';
import { detailedInvoice, findInvoice } from './find-invoice.ts';
import { holdInvoice } from './hold-invoice.ts';
import type { InvoiceJson } from './schema.ts';

/**
 * Deletes a draft in the caller's transaction. Its windows stay, so that the period is not billed again (spec,
 * subscriptions-and-invoices 8.5).
 *
 * @returns the draft as it was.
 * @throws Refusal 404 `invoice_not_found`; 405 `not_deletable` for what is no draft; 422 `lock_acquisition_failed`.
 */
export async function deleteDraft(em: EntityManager, { now }: RequestContext, id: string): Promise<InvoiceJson> {
  const invoice = await holdInvoice(em, await findInvoice(em, id));
  if (invoice.status !== 'draft') throw notAllowed('not_deletable');
  const json = await detailedInvoice(em, invoice, now);
  await announceInvoice(em, invoice, now, ['invoice.deleted']);
  assertTransition(invoice.status, 'deleted');
  em.assign(invoice, { status: 'deleted', updatedAt: now });
  await em.flush();
  // The workflow that waits for the end of the grace period looks, finds no draft, and ends.
  await wakeActs(em, [finalizeId(invoice.id)]);
  await finishActs(em, [refreshId(invoice.id)]);
  return json;
}
