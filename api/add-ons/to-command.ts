import type { CreateAddOn } from '../../activities/add-ons/create-add-on.ts';
import type { UpdateAddOn } from '../../activities/add-ons/update-add-on.ts';
import { textOrNull } from '../../billing/blank-text.ts';
import { numberToCents } from '../../billing/money/cents.ts';
import { given } from '../http/given-attributes.ts';
import { givenTextOrNull } from '../http/validation.ts';
import type { AddOnCreateInput, AddOnUpdateInput } from './schema.ts';

export const toCreateAddOn = (input: AddOnCreateInput): CreateAddOn => ({
  terms: {
    name: input.name,
    code: input.code,
    invoiceDisplayName: textOrNull(input.invoice_display_name ?? null),
    description: textOrNull(input.description ?? null),
    amountCents: numberToCents(input.amount_cents),
    amountCurrency: input.amount_currency,
  },
  taxCodes: input.tax_codes ?? null,
});

export const toUpdateAddOn = (input: AddOnUpdateInput): UpdateAddOn => ({
  terms: given({
    name: input.name,
    code: input.code,
    invoiceDisplayName: givenTextOrNull(input.invoice_display_name),
    description: givenTextOrNull(input.description),
    amountCents: input.amount_cents === undefined ? undefined : numberToCents(input.amount_cents),
    amountCurrency: input.amount_currency,
  }),
  taxCodes: input.tax_codes ?? null,
});
