import { z } from 'zod';
import { CREDIT_NOTE_REASONS, CREDIT_STATUSES, REFUND_STATUSES } from '../../billing/credit-notes/credit-note.ts';
import { estimatedCreditNoteSchema } from '../../shapes/credit-notes/estimated-credit-note.ts';
import { creditNoteAppliedTaxSchema } from '../../shapes/taxes/applied-tax.ts';
import { customerSchema } from '../../shapes/customers/customer.ts';
import { feeSchema } from '../fees/schema.ts';
import { flatMetadata, flatMetadataAnswer } from '../http/flat-metadata.ts';
import { metaSchema } from '../http/pagination.ts';
import { NAME_LENGTH, oneOf, optionalText, TEXT_LENGTH } from '../http/validation.ts';

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

const invoice_id = z.string().max(NAME_LENGTH).nullish().meta({ format: 'uuid' });

export const creditNoteEstimateInput = z.object({ invoice_id, items }).meta({ id: 'CreditNoteEstimateInput' });
export type CreditNoteEstimateInput = z.output<typeof creditNoteEstimateInput>;

const part = (description: string) =>
  z
    .int()
    .min(0)
    .nullish()
    .meta({ description: `${description} With taxes.`, examples: [1200] });

export const creditNoteCreateInput = z
  .object({
    invoice_id,
    reason: oneOf(CREDIT_NOTE_REASONS).nullish(),
    description: optionalText(TEXT_LENGTH),
    credit_amount_cents: part("For the customer's balance, which pays later invoices."),
    refund_amount_cents: part('To be paid back.'),
    offset_amount_cents: part('Off what is still due on the invoice itself.'),
    items,
    metadata: flatMetadata.nullish(),
  })
  .meta({ id: 'CreditNoteCreateInput' });
export type CreditNoteCreateInput = z.output<typeof creditNoteCreateInput>;

export const creditNoteUpdateInput = z
  .object({ refund_status: oneOf(REFUND_STATUSES).nullish(), metadata: flatMetadata.nullish() })
  .meta({ id: 'CreditNoteUpdateInput', description: 'Metadata is added to what is there.' });
export type CreditNoteUpdateInput = z.output<typeof creditNoteUpdateInput>;

export const estimatedCreditNoteAnswer = z.strictObject({ estimated_credit_note: estimatedCreditNoteSchema });

const moment = z.string().meta({ format: 'date-time' });

const creditNoteSchema = z
  .strictObject({
    lago_id: z.uuid(),
    billing_entity_code: z.string(),
    sequential_id: z.int(),
    number: z.string().meta({ examples: ['ORG-1-001-001-CN001'] }),
    lago_invoice_id: z.uuid(),
    invoice_number: z.string(),
    purchase_order_number: z.string().nullable(),
    issuing_date: z.string().meta({ format: 'date' }),
    credit_status: z.enum(CREDIT_STATUSES).nullable().meta({ description: 'null: nothing is credited.' }),
    refund_status: z.enum(REFUND_STATUSES).nullable().meta({ description: 'null: nothing is paid back.' }),
    reason: z.enum(CREDIT_NOTE_REASONS),
    description: z.string().nullable(),
    currency: z.string(),
    total_amount_cents: z.int(),
    precise_total_amount_cents: z.string(),
    taxes_amount_cents: z.int(),
    precise_taxes_amount_cents: z.string(),
    taxes_rate: z.number().meta({ description: 'Percent.' }),
    sub_total_excluding_taxes_amount_cents: z.int(),
    coupons_adjustment_amount_cents: z.int(),
    balance_amount_cents: z.int().meta({ description: 'What is left of the credit.' }),
    credit_amount_cents: z.int(),
    refund_amount_cents: z.int(),
    offset_amount_cents: z.int(),
    self_billed: z.boolean(),
    file_url: z.string().nullable(),
    xml_url: z.string().nullable(),
    created_at: moment,
    updated_at: moment,
    items: z.array(
      z
        .strictObject({
          lago_id: z.uuid(),
          amount_cents: z.int(),
          precise_amount_cents: z.string(),
          amount_currency: z.string(),
          fee: feeSchema,
        })
        .meta({ id: 'CreditNoteItem' }),
    ),
    applied_taxes: z.array(creditNoteAppliedTaxSchema),
    customer: customerSchema,
    error_details: z.array(z.unknown()),
    metadata: flatMetadataAnswer.optional(),
  })
  .meta({ id: 'CreditNote' });

export const creditNoteAnswer = z.strictObject({ credit_note: creditNoteSchema });
export const creditNoteListAnswer = z.strictObject({ credit_notes: z.array(creditNoteSchema), meta: metaSchema });
export const creditNoteMetadataAnswer = z.strictObject({ metadata: flatMetadataAnswer.nullable() });
