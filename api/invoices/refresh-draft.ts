import { refreshOnRequest, requestRefresh } from '../../activities/invoices/refresh-on-request.ts';
import { INVOICE_POLICIES } from '../../billing/invoices/invoice-policy.ts';
import { featureUnavailable } from '../../billing/refusal.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import { findInvoice } from '../../db/queries/invoices/find-invoice.ts';
import { scopeOf } from '../http/command-scope.ts';
import type { RequestContext } from '../http/request-context.ts';
import { detailedInvoice } from './detailed-invoice.ts';
import type { InvoiceJson } from './schema.ts';

/**
 * Makes a draft anew, flagged or not, and answers it; anything but a draft is answered as it is (spec,
 * subscriptions-and-invoices 6.6).
 *
 * @throws Refusal 404 `invoice_not_found`; 403 `feature_unavailable` for another type than subscription; 422
 * `lock_acquisition_failed`.
 */
export async function refreshDraft(context: RequestContext, id: string): Promise<InvoiceJson> {
  const { em, now } = context;
  const invoice = await findInvoice(em, id);
  if (!INVOICE_POLICIES[invoice.invoiceType].hasGracePeriod) throw featureUnavailable();
  if (invoice.status === 'draft') await refresh(context, invoice);
  return detailedInvoice(em, await findInvoice(em, id), now);
}

async function refresh(context: RequestContext, invoice: Invoice): Promise<void> {
  const { em, nameWorkflow, awaitAct } = context;
  const { id: invoiceId } = invoice;
  const act = await em.transactional((inner) => requestRefresh(inner, scopeOf(context), invoice));
  nameWorkflow(act.id);
  const joined = await awaitAct({ ...act, verb: 'signal', invoiceId, argument: { ...act.argument } }, true);
  if (joined === 'failed') throw new Error(`draft ${invoiceId} could not be refreshed: its error_details say why`);
  if (joined === 'done') return;
  await em.transactional((inner) => refreshOnRequest(inner, scopeOf(context), invoice));
  // The answer is read from the database.
  em.clear();
}
