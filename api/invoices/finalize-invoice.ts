import { finalizeOnRequest, requestFinalization } from '../../activities/invoices/finalize-on-request.ts';
import { INVOICE_POLICIES } from '../../billing/invoices/invoice-policy.ts';
import { VISIBLE_STATUSES } from '../../billing/invoices/invoice-status.ts';
import { featureUnavailable, forbidden, notFound } from '../../billing/refusal.ts';
import { isDoneSince } from '../../db/acts/find-acts.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import { findInvoice } from '../../db/queries/invoices/find-invoice.ts';
import { finalizeId } from '../../activities/invoices/finalize-act.ts';
import { scopeOf } from '../http/command-scope.ts';
import type { RequestContext } from '../http/request-context.ts';
import { finalizedInvoice } from './detailed-invoice.ts';
import type { FinalizedInvoiceJson } from './schema.ts';

/** What a draft may have become while a request for it was on its way. */
const SHOWN = [...VISIBLE_STATUSES, 'closed'] as const;

/**
 * Makes a draft final and answers it (spec, subscriptions-and-invoices 6.6). Equal requests are one: they join one run
 * of the draft's workflow, and all that came while it was a draft are answered the finalized invoice.
 *
 * @throws Refusal 404 `invoice_not_found` for what was no draft when the request came; 403 `feature_unavailable` for
 * another type than subscription, and `cannot_finalize_with_pending_taxes`; 422 `lock_acquisition_failed`.
 */
export async function finalizeDraft(context: RequestContext, id: string): Promise<FinalizedInvoiceJson> {
  const { em, organization, receivedAt, nameWorkflow } = context;
  const invoice = await findInvoice(em, id, SHOWN);
  const workflowId = finalizeId(invoice.id);
  const wasDraft = invoice.status === 'draft' || (await isDoneSince(em, organization.id, workflowId, receivedAt));
  if (!wasDraft) throw notFound('invoice');
  if (!INVOICE_POLICIES[invoice.invoiceType].hasGracePeriod) throw featureUnavailable();
  if (invoice.status === 'draft' && invoice.taxStatus === 'pending')
    throw forbidden('cannot_finalize_with_pending_taxes');
  nameWorkflow(workflowId);
  if (invoice.status === 'draft') await finalize(context, invoice);
  return answer(context, invoice.id);
}

/** Makes the draft's workflow due and awaits it; if it does not answer, the draft is made final here. */
async function finalize(context: RequestContext, { id, customerId }: Invoice): Promise<void> {
  const { em, awaitAct } = context;
  const due = await requestFinalization(em, scopeOf(context), id);
  const joined = due ? await awaitAct(due.act, due.isFirst) : 'unanswered';
  if (joined === 'failed') throw new Error(`invoice ${id} could not be finalized: its error_details say why`);
  if (joined === 'done') return;
  // The answer is read from the database, and so is what is made final.
  em.clear();
  await finalizeOnRequest(em, scopeOf(context), { id, customerId });
  em.clear();
}

async function answer({ em, now }: RequestContext, id: string): Promise<FinalizedInvoiceJson> {
  return finalizedInvoice(em, await findInvoice(em, id, SHOWN), now);
}
