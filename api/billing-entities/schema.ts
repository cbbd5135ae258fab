import { z } from 'zod';
import { billingEntitySchema, extendedBillingEntitySchema } from '../../shapes/organizations/billing-entity.ts';
import { issuerSettings } from '../organizations/schema.ts';
import { unavailable } from '../document/unavailable.ts';
import { taxCodes } from '../taxes/schema.ts';
import { NAME_LENGTH, requiredText } from '../http/validation.ts';
import { logo } from './logo.ts';

const CODES_MAX = 100;

const codes = z.array(z.string().max(NAME_LENGTH)).max(CODES_MAX).nullish();

const settings = {
  ...issuerSettings,
  document_numbering: z.enum(['per_customer', 'per_billing_entity']).optional(),
  einvoicing: z.boolean().optional(),
  logo,
  tax_codes: taxCodes,
  invoice_custom_section_codes: unavailable(codes, 'Texts of your own on invoices.'),
};

export const billingEntityInput = z
  .object({
    code: requiredText().meta({ description: 'Unique in the organization; never changes.', examples: ['acme-fr'] }),
    name: requiredText().meta({ examples: ['Acme France'] }),
    ...settings,
  })
  .meta({ id: 'BillingEntityCreateInput' });

export const billingEntityUpdateInput = z
  .object({ name: requiredText().optional(), ...settings })
  .meta({ id: 'BillingEntityUpdateInput' });

export type BillingEntityUpdateInput = z.output<typeof billingEntityUpdateInput>;

export const billingEntityAnswer = z.strictObject({ billing_entity: billingEntitySchema });
export const extendedBillingEntityAnswer = z.strictObject({ billing_entity: extendedBillingEntitySchema });
export const billingEntityListAnswer = z.strictObject({ billing_entities: z.array(billingEntitySchema) });
