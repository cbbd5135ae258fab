import { z } from 'zod';
import { addOnSchema } from '../../shapes/add-ons/add-on.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { optionalText, requiredText, TEXT_LENGTH } from '../http/validation.ts';
import { currency } from '../organizations/party-fields.ts';
import { taxCodes } from '../taxes/schema.ts';

const amount = z
  .int()
  .min(1)
  .meta({ description: "In the currency's smallest unit.", examples: [50_000] });

const attributes = {
  invoice_display_name: optionalText(),
  description: optionalText(TEXT_LENGTH),
  tax_codes: taxCodes,
};

export const addOnCreateSchema = z
  .object({
    name: requiredText().meta({ examples: ['Setup fee'] }),
    code: requiredText().meta({ examples: ['setup_fee'] }),
    amount_cents: amount,
    amount_currency: currency,
    ...attributes,
  })
  .meta({ id: 'AddOnCreateInput' });

export const addOnUpdateSchema = z
  .object({
    name: requiredText().optional(),
    code: requiredText().optional(),
    amount_cents: amount.optional(),
    amount_currency: currency.optional(),
    ...attributes,
  })
  .meta({ id: 'AddOnUpdateInput' });

export type AddOnCreateInput = z.output<typeof addOnCreateSchema>;
export type AddOnUpdateInput = z.output<typeof addOnUpdateSchema>;

export const addOnAnswer = z.strictObject({ add_on: addOnSchema });
export const addOnListAnswer = z.strictObject({ add_ons: z.array(addOnSchema), meta: metaSchema });
export const addOnListQuery = z.object(pageQuery);
