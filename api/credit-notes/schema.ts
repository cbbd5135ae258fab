import { z } from 'zod';
import { estimatedCreditNoteSchema } from '../../shapes/credit-notes/estimated-credit-note.ts';
import { NAME_LENGTH } from '../http/validation.ts';

/** An invoice has no more fees than these. */
const ITEMS_MAX = 10_000;

const item = z.object({ fee_id: z.string().max(NAME_LENGTH), amount_cents: z.number() });

/** What is no list has a code of its own (spec, money 3.3). */
const items = z
  .custom<unknown[]>((input) => Array.isArray(input), 'must_be_an_array')
  .meta({
    override: {
      type: 'array',
      maxItems: ITEMS_MAX,
      description: 'What is taken from fees, without taxes and before coupons.',
      items: {
        type: 'object',
        required: ['fee_id', 'amount_cents'],
        properties: { fee_id: { type: 'string', format: 'uuid' }, amount_cents: { type: 'number', examples: [1000] } },
      },
    },
  })
  .pipe(z.array(item).max(ITEMS_MAX));

export const creditNoteEstimateInput = z
  .object({ invoice_id: z.string().max(NAME_LENGTH).nullish().meta({ format: 'uuid' }), items })
  .meta({ id: 'CreditNoteEstimateInput' });
export type CreditNoteEstimateInput = z.output<typeof creditNoteEstimateInput>;

export const estimatedCreditNoteAnswer = z.strictObject({ estimated_credit_note: estimatedCreditNoteSchema });
