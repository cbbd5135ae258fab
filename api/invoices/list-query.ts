import { z } from 'zod';
import { parseInstant } from '../instants.ts';
import { VISIBLE_STATUSES } from '../../billing/invoices/invoice-status.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { pageQuery } from '../pagination.ts';
import { NAME_LENGTH } from '../validation.ts';

export const PAYMENT_STATUSES = ['pending', 'succeeded', 'failed'] as const;

export const INVOICE_TYPES = [
  'subscription',
  'add_on',
  'credit',
  'one_off',
  'advance_charges',
  'progressive_billing',
] as const;

const VALUES_MAX = 100;

/** A blank value is none. */
const text = z
  .string()
  .max(NAME_LENGTH)
  .optional()
  .transform((given) => (given?.trim() === '' ? undefined : given?.trim()));

const flag = z
  .enum(['true', 'false', ''])
  .optional()
  .transform((given) => (given ? given === 'true' : undefined))
  .meta({ override: { type: 'string', enum: ['true', 'false'] } });

/** `key[]=a&key[]=b`, or one plain value; empty: no filter. */
const listOf = (isKnown: (value: string) => boolean = () => true) =>
  z
    .union([z.string(), z.array(z.string()).max(VALUES_MAX)])
    .optional()
    .transform((given) => {
      const list = (typeof given === 'string' ? [given] : (given ?? [])).filter(Boolean);
      return list.length > 0 ? list : undefined;
    })
    .refine((list) => list?.every(isKnown) ?? true, 'value_is_invalid');

const oneOfThese = (known: readonly string[]) => listOf((value) => known.includes(value));

const only = (isKnown: (value: string) => boolean) =>
  text.refine((value) => value === undefined || isKnown(value), 'value_is_invalid');

/** A date; of a time the date that it is written with. */
const date = text
  .refine((value) => value === undefined || parseInstant(value) !== undefined, 'invalid_date')
  .transform((value) => value?.slice(0, 10))
  .meta({ description: 'Inclusive.', examples: ['2026-01-31'] });

const cents = text
  .transform((value, context) => {
    if (value === undefined) return undefined;
    const isInteger = /^-?\d+$/.test(value);
    if (isInteger && Number.isSafeInteger(Number(value))) return Number(value);
    context.addIssue({ code: 'custom', message: isInteger ? 'value_is_out_of_range' : 'value_is_invalid' });
    return z.NEVER;
  })
  .meta({ description: 'Cents of the total, inclusive.', examples: ['1000'] });

/** Filters of lists of invoices (spec, api 2.6.1). */
export const invoicesQuery = z.object({
  ...pageQuery,
  external_customer_id: text,
  customer_external_id: text.meta({ deprecated: true, description: 'Older name of `external_customer_id`.' }),
  search_term: text.meta({ description: "Part of the number, the customer's name, external id or e-mail; or the id." }),
  status: oneOfThese(VISIBLE_STATUSES),
  statuses: oneOfThese(VISIBLE_STATUSES).meta({ description: '`statuses[]`' }),
  payment_status: oneOfThese(PAYMENT_STATUSES),
  payment_statuses: oneOfThese(PAYMENT_STATUSES).meta({ description: '`payment_statuses[]`' }),
  invoice_type: only((value) => (INVOICE_TYPES as readonly string[]).includes(value)),
  currency: only(isCurrency),
  issuing_date_from: date,
  issuing_date_to: date,
  amount_from: cents,
  amount_to: cents,
  payment_overdue: flag,
  partially_paid: flag,
  payment_dispute_lost: flag,
  self_billed: flag,
  settlements: oneOfThese(['payment', 'credit_note']).meta({ description: '`settlements[]`' }),
  purchase_order_number: text.meta({ description: 'Without regard to case.' }),
  metadata: z
    .record(z.string(), z.string())
    .optional()
    .meta({ description: '`metadata[key]=value`; an empty value asks for invoices without the key.' }),
  billing_entity_codes: listOf().meta({ description: '`billing_entity_codes[]`' }),
});
export type InvoicesQuery = z.output<typeof invoicesQuery>;
