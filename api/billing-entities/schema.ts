import { z } from 'zod';
import { issuerSettings } from '../organizations/schema.ts';
import { unavailable, unavailableByItself } from '../document/unavailable.ts';
import { NAME_LENGTH, requiredText } from '../http/validation.ts';
import { logo } from './logo.ts';

const CODES_MAX = 100;

const codes = z.array(z.string().max(NAME_LENGTH)).max(CODES_MAX).nullish();

const settings = {
  ...issuerSettings,
  document_numbering: z.enum(['per_customer', 'per_billing_entity']).optional(),
  einvoicing: z.boolean().optional(),
  logo,
  tax_codes: unavailableByItself(codes, 'There are no taxes: any code is 404 `tax_not_found`.'),
  invoice_custom_section_codes: unavailable(codes, 'Texts of your own on invoices.'),
};

export const billingEntityInput = z
  .object({
    code: requiredText().meta({ description: 'Unique in the organization; never changes.', examples: ['acme-fr'] }),
    name: requiredText().meta({ examples: ['Acme France'] }),
    ...settings,
  })
  .meta({ id: 'BillingEntityCreateInput' });

export type BillingEntityInput = z.output<typeof billingEntityInput>;

export const billingEntityUpdateInput = z
  .object({ name: requiredText().optional(), ...settings })
  .meta({ id: 'BillingEntityUpdateInput' });

export type BillingEntityUpdateInput = z.output<typeof billingEntityUpdateInput>;

const text = z.string().nullable();

export const billingEntitySchema = z
  .strictObject({
    lago_id: z.uuid(),
    code: z.string().meta({ examples: ['acme-fr'] }),
    name: z.string().meta({ examples: ['Acme France'] }),
    default_currency: z.string().meta({ examples: ['EUR'] }),
    document_locale: z.string(),
    document_numbering: z.enum(['per_customer', 'per_billing_entity']),
    document_number_prefix: z.string(),
    finalize_zero_amount_invoice: z.boolean(),
    invoice_footer: text,
    invoice_grace_period: z.int(),
    subscription_invoice_issuing_date_anchor: z.enum(['current_period_end', 'next_period_start']),
    subscription_invoice_issuing_date_adjustment: z.enum(['keep_anchor', 'align_with_finalization_date']),
    is_default: z.boolean(),
    net_payment_term: z.int(),
    address_line1: text,
    address_line2: text,
    phone: text,
    city: text,
    state: text,
    country: text,
    zipcode: text,
    email: text,
    legal_name: text,
    legal_number: text,
    tax_identification_number: text,
    timezone: z.string().meta({ examples: ['UTC'] }),
    email_settings: z.array(z.string()),
    eu_tax_management: z.boolean(),
    einvoicing: z.boolean(),
    logo_url: text,
    created_at: z.string().meta({ format: 'date-time' }),
    updated_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'BillingEntity' });

export type BillingEntityJson = z.infer<typeof billingEntitySchema>;

/** An entity as its own endpoint answers it. */
export const extendedBillingEntitySchema = billingEntitySchema
  .extend({ taxes: z.array(z.unknown()), selected_invoice_custom_sections: z.array(z.unknown()) })
  .meta({ id: 'BillingEntityExtended' });

export const billingEntityAnswer = z.strictObject({ billing_entity: billingEntitySchema });
export const extendedBillingEntityAnswer = z.strictObject({ billing_entity: extendedBillingEntitySchema });
export const billingEntityListAnswer = z.strictObject({ billing_entities: z.array(billingEntitySchema) });
