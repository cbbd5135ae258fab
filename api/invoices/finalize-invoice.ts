import { finalizeLocked } from '../../activities/invoices/finalize-invoice.ts';
import type { EntityManager } from '@mikro-orm/postgresql';
import { VISIBLE_STATUSES } from '../../billing/invoices/invoice-status.ts';
import { Refusal, featureUnavailable, notFound } from '../../billing/refusal.ts';
import { makeDueNow } from '../../db/acts/due-moments.ts';
import { isDoneSince } from '../../db/acts/find-acts.ts';
import { lockCustomer } from '../../db/customer-lock.ts';
import type { Invoice } from '../../db/entities/invoice.ts';
import { sql } from '../../db/sql.ts';
import { finalizeId } from '../../activities/invoices/finalize-act.ts';
import { realTime } from '../http/clock.ts';
import type { RequestContext } from '../http/request-context.ts';
import { detailedInvoice, findInvoice } from './find-invoice.ts';
import type { FinalizedInvoiceJson } from './schema.ts';

/** What a draft may have become while a request for it was on its way. */
const SHOWN = [...VISIBLE_STATUSES, 'closed'] as const;

/**
 * Makes a draft final and answers it (spec, subscriptions-and-invoices 6.6). Equal requests are one: they join one run of the
 * draft's workflow, and all that came while it was a draft are answered the finalized invoice.
 *
 * @throws Refusal 404 `invoice_not_found` for what was no draft when the request came; 403 `feature_unavailable` for another type
 * than subscription; 422 `lock_acquisition_failed`.
 */
export async function finalizeDraft(context: RequestContext, id: string): Promise<FinalizedInvoiceJson> {
  const { em, organization, receivedAt, nameWorkflow } = context;
  const invoice = await findInvoice(em, id, SHOWN);
  const workflowId = finalizeId(invoice.id);
  const wasDraft = invoice.status === 'draft' || (await isDoneSince(em, organization.id, workflowId, receivedAt));
  if (!wasDraft) throw notFound('invoice');
  if (invoice.invoiceType !== 'subscription') throw featureUnavailable();
  nameWorkflow(workflowId);
  if (invoice.status === 'draft') await finalize(context, invoice);
  return answer(context, invoice.id);
}

/**
 * Hastens the draft's workflow and awaits it. If it does not answer, the same function does the same here: the customer's lock and
 * the invoice's status let only one of both do it, and the act is done with it.
 */
async function finalize({ em, organization, awaitAct }: RequestContext, { id, customerId }: Invoice): Promise<void> {
  const hastened = await makeDueNow(em, organization.id, finalizeId(id));
  const joined = hastened ? await awaitAct(hastened.act, hastened.isFirst) : 'unanswered';
  if (joined === 'failed') throw new Error(`invoice ${id} could not be finalized: its error_details say why`);
  if (joined === 'done') return;
  // The answer is read from the database.
  em.clear();
  if (!(await isDraft(em, id))) return;
  try {
    await em.transactional(async (inner) => {
      await lockCustomer(inner, customerId);
      await finalizeLocked(inner, id, realTime());
    });
  } catch (error) {
    // Whoever had the lock may have been an equal request, or the workflow after all.
    const isBusy = error instanceof Refusal && error.reason.kind === 'lock_busy';
    if (!isBusy || (await isDraft(em, id))) throw error;
  }
  em.clear();
}

const isDraft = async (em: EntityManager, id: string): Promise<boolean> =>
  (await sql(em, `select 1 from invoices where id = $1 and status = 'draft'`, [id])).length > 0;

/** One that is closed is shown to whoever has closed it, and to nobody after. */
async function answer({ em, now }: RequestContext, id: string): Promise<FinalizedInvoiceJson> {
  const invoice = await findInvoice(em, id, SHOWN);
  if (invoice.status !== 'closed') return detailedInvoice(em, invoice, now);
  return { ...(await detailedInvoice(em, { ...invoice, status: 'draft' }, now)), status: 'closed' };
}
