import { z } from 'zod';
import { centsToNumber } from '../../billing/money/cents.ts';
import type { AddOn } from '../../db/entities/add-ons/add-on.ts';
import type { ShownTax } from '../../db/queries/taxes/attached-taxes.ts';
import { datetime } from '../formats.ts';
import { taxJson, taxSchema } from '../taxes/tax.ts';

export const addOnSchema = z
  .strictObject({
    lago_id: z.uuid(),
    name: z.string(),
    invoice_display_name: z.string().nullable(),
    code: z.string(),
    amount_cents: z.int(),
    amount_currency: z.string(),
    created_at: z.string().meta({ format: 'date-time' }),
    description: z.string().nullable(),
    taxes: z.array(taxSchema),
  })
  .meta({ id: 'AddOn' });

/** Spec, api 3.3. */
export const addOnJson = (addOn: AddOn, taxes: readonly ShownTax[]) => ({
  lago_id: addOn.id,
  name: addOn.name,
  invoice_display_name: addOn.invoiceDisplayName ?? null,
  code: addOn.code,
  amount_cents: centsToNumber(addOn.amountCents),
  amount_currency: addOn.amountCurrency,
  created_at: datetime(addOn.createdAt),
  description: addOn.description ?? null,
  taxes: taxes.map(taxJson),
});
