import type { CreateTax } from '../../activities/taxes/create-tax.ts';
import type { UpdateTax } from '../../activities/taxes/update-tax.ts';
import { textOrNull } from '../../billing/blank-text.ts';
import { given } from '../http/given-attributes.ts';
import { givenTextOrNull } from '../http/validation.ts';
import type { TaxCreateInput, TaxUpdateInput } from './schema.ts';

export const toCreateTax = (input: TaxCreateInput): CreateTax => ({
  terms: {
    name: input.name,
    code: input.code,
    rate: input.rate,
    description: textOrNull(input.description ?? null),
  },
  appliedToOrganization: input.applied_to_organization ?? false,
});

export const toUpdateTax = (input: TaxUpdateInput): UpdateTax => ({
  terms: given({
    name: input.name,
    code: input.code,
    rate: input.rate,
    description: givenTextOrNull(input.description),
  }),
  appliedToOrganization: input.applied_to_organization ?? null,
});
