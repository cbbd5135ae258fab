import { deleteDraft } from '../../activities/invoices/delete-draft.ts';
import { updateInvoice } from '../../activities/invoices/update-invoice.ts';
import { scopeOf } from '../http/command-scope.ts';
import { route, type Route } from '../http/route.ts';
import { finalizeDraft } from './finalize-invoice.ts';
import { detailedInvoice } from './detailed-invoice.ts';
import { refreshDraft } from './refresh-draft.ts';
import { finalizedInvoiceAnswer, invoiceAnswer } from './schema.ts';
import { toUpdateInvoice } from './to-command.ts';
import { invoiceUpdateSchema } from './update-schema.ts';

const permission = 'invoice';

const idOf = (params: Readonly<Record<string, string>>): string => params['id'] ?? '';

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
export const changeRoutes: readonly Route[] = [refresh, finalize, update, remove];
