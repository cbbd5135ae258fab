import { createCreditNote } from '../../activities/credit-notes/create-credit-note.ts';
import { estimateCreditNote } from '../../activities/credit-notes/estimate-credit-note.ts';
import { updateCreditNote } from '../../activities/credit-notes/update-credit-note.ts';
import { voidCreditNote } from '../../activities/credit-notes/void-credit-note.ts';
import { notFound } from '../../billing/refusal.ts';
import { CreditNote } from '../../db/entities/credit-notes/credit-note.ts';
import { findCreditNote } from '../../db/queries/credit-notes/find-credit-note.ts';
import { findCustomer } from '../../db/queries/customers/find-customer.ts';
import { estimatedCreditNoteJson } from '../../shapes/credit-notes/estimated-credit-note.ts';
import { shownCreditNote } from '../../shapes/credit-notes/load-credit-notes.ts';
import { scopeOf } from '../http/command-scope.ts';
import { route, type Route } from '../http/route.ts';
import { listCreditNotes } from './list-credit-notes.ts';
import { creditNotesQuery } from './list-query.ts';
import { metadataRoutes } from './metadata-routes.ts';
import {
  creditNoteAnswer,
  creditNoteCreateInput,
  creditNoteEstimateInput,
  creditNoteListAnswer,
  creditNoteUpdateInput,
  estimatedCreditNoteAnswer,
} from './schema.ts';
import { toCreateCreditNote, toEstimateCreditNote, toUpdateCreditNote } from './to-command.ts';

const permission = 'credit_note';

const idOf = (params: Readonly<Record<string, string>>): string => params['id'] ?? '';

const create = route({
  method: 'post',
  path: '/credit_notes',
  permission,
  summary: 'Credit, pay back or offset some of an invoice',
  root: 'credit_note',
  body: creditNoteCreateInput,
  answer: creditNoteAnswer,
  handle: async (context, { body }) => {
    const id = await context.em.transactional((em) => createCreditNote(em, scopeOf(context), toCreateCreditNote(body)));
    // The answer shows what is stored.
    context.em.clear();
    const note = await context.em.findOneOrFail(CreditNote, { id });
    return { credit_note: await shownCreditNote(context.em, note, context.now) };
  },
});

const estimate = route({
  method: 'post',
  path: '/credit_notes/estimate',
  permission,
  summary: 'What a credit note of some fees would be, without making it',
  root: 'credit_note',
  body: creditNoteEstimateInput,
  answer: estimatedCreditNoteAnswer,
  handle: async ({ em }, { body }) => {
    const { invoice, estimate: estimated } = await estimateCreditNote(em, toEstimateCreditNote(body));
    return { estimated_credit_note: estimatedCreditNoteJson(invoice, estimated) };
  },
});

const list = route({
  method: 'get',
  path: '/credit_notes',
  permission,
  summary: 'Credit notes, newest first',
  query: creditNotesQuery,
  answer: creditNoteListAnswer,
  handle: (context, { query }) => listCreditNotes(context, query),
});

const listOfCustomer = route({
  method: 'get',
  path: '/customers/:external_id/credit_notes',
  permission,
  summary: "A customer's credit notes, newest first",
  query: creditNotesQuery,
  answer: creditNoteListAnswer,
  handle: async (context, { params, query }) => {
    const customer = await findCustomer(context.em, params['external_id'] ?? '');
    if (!customer) throw notFound('customer');
    return listCreditNotes(context, query, customer.id);
  },
});

const read = route({
  method: 'get',
  path: '/credit_notes/:id',
  permission,
  summary: 'One credit note',
  answer: creditNoteAnswer,
  handle: async ({ em, now }, { params }) => ({
    credit_note: await shownCreditNote(em, await findCreditNote(em, idOf(params)), now),
  }),
});

const update = route({
  method: 'put',
  path: '/credit_notes/:id',
  permission,
  summary: 'Set what has become of a refund, and add metadata',
  root: 'credit_note',
  body: creditNoteUpdateInput,
  answer: creditNoteAnswer,
  handle: async (context, { params, body }) => {
    const command = toUpdateCreditNote(idOf(params), body);
    const note = await context.em.transactional((em) => updateCreditNote(em, scopeOf(context), command));
    return { credit_note: await shownCreditNote(context.em, note, context.now) };
  },
});

const voiding = route({
  method: 'put',
  path: '/credit_notes/:id/void',
  permission,
  summary: 'Take away what is left of a credit',
  answer: creditNoteAnswer,
  handle: async (context, { params }) => {
    const note = await context.em.transactional((em) => voidCreditNote(em, scopeOf(context), idOf(params)));
    return { credit_note: await shownCreditNote(context.em, note, context.now) };
  },
});

export const routes: readonly Route[] = [
  create,
  estimate,
  list,
  listOfCustomer,
  read,
  update,
  voiding,
  ...metadataRoutes,
];
