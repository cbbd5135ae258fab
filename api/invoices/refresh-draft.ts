import { refreshAct } from '../../activities/invoices/refresh-act.ts';
import { refreshLocked } from '../../activities/invoices/refresh-invoice.ts';
import { featureUnavailable } from '../../billing/refusal.ts';
import { wantActsAgain } from '../../db/acts/want-acts.ts';
import { lockCustomer } from '../../db/customer-lock.ts';
import type { Invoice } from '../../db/entities/invoice.ts';
import { sql } from '../../db/sql.ts';
import { realTime } from '../http/clock.ts';
import type { RequestContext } from '../http/request-context.ts';
import { detailedInvoice, findInvoice } from './find-invoice.ts';
import type { InvoiceJson } from './schema.ts';

/**
 * Makes a draft anew, flagged or not, and answers it; anything but a draft is answered as it is (spec, subscriptions-and-invoices
 * 6.6).
 *
 * @throws Refusal 404 `invoice_not_found`; 403 `feature_unavailable` for another type than subscription; 422
 * `lock_acquisition_failed`.
 */
export async function refreshDraft(context: RequestContext, id: string): Promise<InvoiceJson> {
  const { em, now } = context;
  const invoice = await findInvoice(em, id);
  if (invoice.invoiceType !== 'subscription') throw featureUnavailable();
  if (invoice.status === 'draft') await refresh(context, invoice);
  return detailedInvoice(em, await findInvoice(em, id), now);
}

async function refresh({ em, now, nameWorkflow, awaitAct }: RequestContext, invoice: Invoice): Promise<void> {
  const { id: invoiceId, organizationId, customerId } = invoice;
  const act = refreshAct({ organizationId, customerId, invoiceId });
  // The flag first: a refresh that is at work holds it until it ends its act.
  await em.transactional(async (inner) => {
    await sql(inner, `update invoices set ready_to_be_refreshed = true where id = $1 and status = 'draft'`, [
      invoiceId,
    ]);
    await wantActsAgain(inner, [act], now, { startedBy: 'writer' });
  });
  nameWorkflow(act.id);
  const joined = await awaitAct({ ...act, verb: 'signal', invoiceId, argument: { ...act.argument } }, true);
  if (joined === 'failed') throw new Error(`draft ${invoiceId} could not be refreshed: its error_details say why`);
  if (joined === 'done') return;
  await em.transactional(async (inner) => {
    await lockCustomer(inner, customerId);
    await refreshLocked(inner, invoiceId, realTime());
  });
  // The answer is read from the database.
  em.clear();
}
