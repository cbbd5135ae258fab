import { z } from 'zod';
import type { ShownTax } from '../../db/queries/taxes/attached-taxes.ts';
import { datetime } from '../formats.ts';

/** A count field kept for old clients (spec, behaviours S096). */
const zero = z.literal(0).meta({ description: 'Always 0.', deprecated: true });

export const taxSchema = z
  .strictObject({
    lago_id: z.uuid(),
    name: z.string().meta({ examples: ['TVA'] }),
    code: z.string().meta({ examples: ['french_standard_vat'] }),
    rate: z.number().meta({ description: 'Percent.', examples: [20] }),
    description: z.string().nullable(),
    applied_to_organization: z.boolean().meta({ description: 'Whether the default billing entity has it.' }),
    applied_to_billing_entities_codes: z.array(z.string()),
    add_ons_count: zero,
    customers_count: zero,
    plans_count: zero,
    charges_count: zero,
    commitments_count: zero,
    created_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'Tax' });

/** Spec, money 1.1. */
export const taxJson = (tax: ShownTax) => ({
  lago_id: tax.taxId,
  name: tax.name,
  code: tax.code,
  rate: tax.rate.toNumber(),
  description: tax.description,
  applied_to_organization: tax.isOnDefaultEntity,
  applied_to_billing_entities_codes: [...tax.billingEntityCodes],
  add_ons_count: 0 as const,
  customers_count: 0 as const,
  plans_count: 0 as const,
  charges_count: 0 as const,
  commitments_count: 0 as const,
  created_at: datetime(tax.createdAt),
});
