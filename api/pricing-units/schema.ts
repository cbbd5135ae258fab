import { z } from 'zod';
import { pricingUnitSchema } from '../../shapes/plans/pricing-unit.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { optionalText, requiredText } from '../http/validation.ts';

const SHORT_NAME_LENGTH = 3;
const DESCRIPTION_LENGTH = 600;

const shortName = requiredText(SHORT_NAME_LENGTH).meta({
  description: 'What usage shows beside amounts.',
  examples: ['CR'],
});

/** Spec, usage 11. */
export const pricingUnitCreateSchema = z
  .object({
    name: requiredText().meta({ examples: ['Credits'] }),
    code: requiredText().meta({ examples: ['credits'] }),
    short_name: shortName,
    description: optionalText(DESCRIPTION_LENGTH),
  })
  .meta({ id: 'PricingUnitCreateInput' });
export type PricingUnitCreateInput = z.output<typeof pricingUnitCreateSchema>;

export const pricingUnitUpdateSchema = z
  .object({
    name: requiredText().optional(),
    short_name: shortName.optional(),
    description: optionalText(DESCRIPTION_LENGTH),
  })
  .meta({ id: 'PricingUnitUpdateInput' });
export type PricingUnitUpdateInput = z.output<typeof pricingUnitUpdateSchema>;

export const pricingUnitAnswer = z.strictObject({ pricing_unit: pricingUnitSchema });
export const pricingUnitListAnswer = z.strictObject({ pricing_units: z.array(pricingUnitSchema), meta: metaSchema });
export const pricingUnitListQuery = z.object(pageQuery);
