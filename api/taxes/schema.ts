import { z } from 'zod';
import type { Decimal } from '../../billing/money/decimal.ts';
import { taxRate } from '../../billing/taxes/tax-rate.ts';
import { taxSchema } from '../../shapes/taxes/tax.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { NAME_LENGTH, optionalText, requiredText, TEXT_LENGTH } from '../http/validation.ts';

const rate = z
  .unknown()
  .transform((input, context): Decimal => {
    const read = taxRate(input);
    if (typeof read !== 'string') return read;
    context.addIssue({ code: 'custom', message: read });
    return z.NEVER;
  })
  .meta({
    override: { type: ['number', 'string'], description: 'Percent, 0 or more.', examples: ['20.0'] },
  });

const attributes = {
  description: optionalText(TEXT_LENGTH),
  applied_to_organization: z
    .boolean()
    .nullish()
    .meta({ description: 'Whether the default billing entity has it.', deprecated: true }),
};

export const taxCreateSchema = z
  .object({
    name: requiredText().meta({ examples: ['TVA'] }),
    code: requiredText().meta({ examples: ['french_standard_vat'] }),
    rate,
    ...attributes,
  })
  .meta({ id: 'TaxCreateInput' });

export const taxUpdateSchema = z
  .object({ name: requiredText().optional(), code: requiredText().optional(), rate: rate.optional(), ...attributes })
  .meta({ id: 'TaxUpdateInput' });

export type TaxCreateInput = z.output<typeof taxCreateSchema>;
export type TaxUpdateInput = z.output<typeof taxUpdateSchema>;

export const taxAnswer = z.strictObject({ tax: taxSchema });
export const taxListAnswer = z.strictObject({ taxes: z.array(taxSchema), meta: metaSchema });
export const taxListQuery = z.object(pageQuery);

const TAX_CODES_MAX = 100;

/** Codes of the taxes that something has: the whole set (spec, money 1.2). Absent and null: it stays. */
export const taxCodes = z
  .array(z.string().max(NAME_LENGTH))
  .max(TAX_CODES_MAX)
  .nullish()
  .meta({ description: 'Codes of all its taxes: those that are not listed are taken away.', examples: [['vat']] });
