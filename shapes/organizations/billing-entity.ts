import { partyJson, partySchema } from '../party.ts';
import { z } from 'zod';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { ShownTax } from '../../db/queries/taxes/attached-taxes.ts';
import { datetime } from '../formats.ts';
import { taxJson, taxSchema } from '../taxes/tax.ts';

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
    ...partySchema,
    timezone: z.string().meta({ examples: ['UTC'] }),
    email_settings: z.array(z.string()),
    eu_tax_management: z.boolean(),
    einvoicing: z.boolean(),
    logo_url: text,
    created_at: z.string().meta({ format: 'date-time' }),
    updated_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'BillingEntity' });

type BillingEntityJson = z.infer<typeof billingEntitySchema>;

/** An entity as its own endpoint answers it. */
export const extendedBillingEntitySchema = billingEntitySchema
  .extend({ taxes: z.array(taxSchema), selected_invoice_custom_sections: z.array(z.unknown()) })
  .meta({ id: 'BillingEntityExtended' });

/** A billing entity with its settings (spec, api 3.1). Its logo must be loaded. */
export const billingEntityJson = (entity: BillingEntity): BillingEntityJson => ({
  lago_id: entity.id,
  code: entity.code,
  name: entity.name,
  default_currency: entity.defaultCurrency,
  document_locale: entity.documentLocale,
  document_numbering: entity.documentNumbering,
  document_number_prefix: entity.documentNumberPrefix,
  finalize_zero_amount_invoice: entity.finalizeZeroAmountInvoice,
  invoice_footer: entity.invoiceFooter ?? null,
  invoice_grace_period: entity.invoiceGracePeriod,
  subscription_invoice_issuing_date_anchor: entity.subscriptionInvoiceIssuingDateAnchor,
  subscription_invoice_issuing_date_adjustment: entity.subscriptionInvoiceIssuingDateAdjustment,
  is_default: entity.isDefault,
  net_payment_term: entity.netPaymentTerm,
  ...partyJson(entity),
  timezone: entity.timezone,
  email_settings: entity.emailSettings,
  eu_tax_management: entity.euTaxManagement,
  einvoicing: entity.einvoicing,
  logo_url: entity.logoUrl ?? null,
  created_at: datetime(entity.createdAt),
  updated_at: datetime(entity.updatedAt),
});

/** The same with what is attached to it; there are no custom sections yet. */
export const extendedBillingEntityJson = (entity: BillingEntity, taxes: readonly ShownTax[]) => ({
  ...billingEntityJson(entity),
  taxes: taxes.map(taxJson),
  selected_invoice_custom_sections: [],
});
