import { estimateCreditNote } from '../../activities/credit-notes/estimate-credit-note.ts';
import { estimatedCreditNoteJson } from '../../shapes/credit-notes/estimated-credit-note.ts';
import { route, type Route } from '../http/route.ts';
import { creditNoteEstimateInput, estimatedCreditNoteAnswer } from './schema.ts';
import { toEstimateCreditNote } from './to-command.ts';

export const routes: readonly Route[] = [
  route({
    method: 'post',
    path: '/credit_notes/estimate',
    permission: 'credit_note',
    summary: 'What a credit note of some fees would be, without making it',
    root: 'credit_note',
    body: creditNoteEstimateInput,
    answer: estimatedCreditNoteAnswer,
    handle: async ({ em }, { body }) => {
      const { invoice, estimate } = await estimateCreditNote(em, toEstimateCreditNote(body));
      return { estimated_credit_note: estimatedCreditNoteJson(invoice, estimate) };
    },
  }),
];
