import type { PricingUnitTerms } from '../../activities/pricing-units/create-pricing-unit.ts';
import { textOrNull } from '../../billing/blank-text.ts';
import { given } from '../http/given-attributes.ts';
import { givenTextOrNull } from '../http/validation.ts';
import type { PricingUnitCreateInput, PricingUnitUpdateInput } from './schema.ts';

export const toCreatePricingUnit = (input: PricingUnitCreateInput): PricingUnitTerms => ({
  name: input.name,
  code: input.code,
  shortName: input.short_name,
  description: textOrNull(input.description ?? null),
});

/** What the request does not name stays. */
export const toUpdatePricingUnit = (input: PricingUnitUpdateInput): Partial<PricingUnitTerms> =>
  given({ name: input.name, shortName: input.short_name, description: givenTextOrNull(input.description) });
