import { findInvoice } from '../../db/queries/invoices/find-invoice.ts';
import { createOneOffInvoice } from '../../activities/invoices/create-one-off-invoice.ts';
import { deleteDraft } from '../../activities/invoices/delete-draft.ts';
import { retryTaxes } from '../../activities/taxes/retry-taxes.ts';
import { updateInvoice } from '../../activities/invoices/update-invoice.ts';
import { invalid } from '../../billing/refusal.ts';
import { refuseUnavailable } from '../document/unavailable.ts';
import { scopeOf } from '../http/command-scope.ts';
import { route, type Route } from '../http/route.ts';
import { finalizeDraft } from './finalize-invoice.ts';
import { detailedInvoice, finalizedInvoice } from './detailed-invoice.ts';
import { oneOffInvoiceInput } from './one-off-schema.ts';
import { refreshDraft } from './refresh-draft.ts';
import { finalizedInvoiceAnswer, invoiceAnswer } from './schema.ts';
import { toCreateOneOffInvoice, toUpdateInvoice } from './to-command.ts';
import { invoiceUpdateSchema } from './update-schema.ts';

const permission = 'invoice';

const idOf = (params: Readonly<Record<string, string>>): string => params['id'] ?? '';

const createOneOff = route({
  method: 'post',
  path: '/invoices',
  permission,
  summary: 'Make an invoice of add-ons: final at once, unless its taxes are not known yet',
  root: 'invoice',
  body: oneOffInvoiceInput,
  answer: finalizedInvoiceAnswer,
  handle: async (context, { body }) => {
    refuseUnavailable(oneOffInvoiceInput, body);
    if (body.payment_method?.payment_method_id) throw invalid({ payment_method: ['invalid_payment_method'] });
    const { invoiceId, status } = await context.em.transactional((em) =>
      createOneOffInvoice(em, scopeOf(context), toCreateOneOffInvoice(body)),
    );
    // The answer shows what is stored.
    context.em.clear();
    const invoice = await findInvoice(context.em, invoiceId, [status]);
    return { invoice: await finalizedInvoice(context.em, invoice, context.now) };
  },
});

const update = route({
  method: 'put',
  path: '/invoices/:id',
  permission,
  summary: 'Set the payment status or the metadata of an invoice',
  root: 'invoice',
  body: invoiceUpdateSchema,
  answer: invoiceAnswer,
  handle: async (context, { params, body }) => {
    const command = toUpdateInvoice(idOf(params), body);
    const invoice = await context.em.transactional((em) => updateInvoice(em, scopeOf(context), command));
    return { invoice: await detailedInvoice(context.em, invoice, context.now) };
  },
});

const refresh = route({
  method: 'put',
  path: '/invoices/:id/refresh',
  awaitsWorkflow: true,
  permission,
  summary: 'Make a draft anew with the usage and prices of now; other invoices are answered as they are',
  answer: invoiceAnswer,
  handle: async (context, { params }) => ({ invoice: await refreshDraft(context, idOf(params)) }),
});

const finalize = route({
  method: 'put',
  path: '/invoices/:id/finalize',
  awaitsWorkflow: true,
  permission,
  summary: 'End the grace period of a draft now: it gets its number',
  answer: finalizedInvoiceAnswer,
  handle: async (context, { params }) => ({ invoice: await finalizeDraft(context, idOf(params)) }),
});

const retry = route({
  method: 'post',
  path: '/invoices/:id/retry',
  permission,
  summary: 'Have an invoice taxed once more that failed for its taxes',
  answer: invoiceAnswer,
  handle: async (context, { params }) => {
    const { invoice, acts } = await context.em.transactional((em) => retryTaxes(em, scopeOf(context), idOf(params)));
    context.startAfterAnswer(acts);
    return { invoice: await detailedInvoice(context.em, invoice, context.now) };
  },
});

const remove = route({
  method: 'delete',
  path: '/invoices/:id',
  permission,
  summary: 'Delete a draft; its period is not billed again',
  answer: invoiceAnswer,
  handle: async (context, { params }) => ({
    invoice: await context.em.transactional(async (em) =>
      detailedInvoice(em, await deleteDraft(em, scopeOf(context), idOf(params)), context.now),
    ),
  }),
});

/** What changes an invoice. */
export const changeRoutes: readonly Route[] = [createOneOff, retry, refresh, finalize, update, remove];
