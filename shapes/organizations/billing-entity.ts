import type { BillingEntity } from '../../db/entities/billing-entity.ts';
import { datetime } from '../formats.ts';

/** A billing entity with its settings (spec, api 3.1). Its logo must be loaded. */
export const billingEntityJson = (entity: BillingEntity) => ({
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
  address_line1: entity.addressLine1 ?? null,
  address_line2: entity.addressLine2 ?? null,
  phone: entity.phone ?? null,
  city: entity.city ?? null,
  state: entity.state ?? null,
  country: entity.country ?? null,
  zipcode: entity.zipcode ?? null,
  email: entity.email ?? null,
  legal_name: entity.legalName ?? null,
  legal_number: entity.legalNumber ?? null,
  tax_identification_number: entity.taxIdentificationNumber ?? null,
  timezone: entity.timezone,
  email_settings: entity.emailSettings,
  eu_tax_management: entity.euTaxManagement,
  einvoicing: entity.einvoicing,
  logo_url: entity.logoUrl ?? null,
  created_at: datetime(entity.createdAt),
  updated_at: datetime(entity.updatedAt),
});

/** The same with what is attached to it: of both there is nothing yet. */
export const extendedBillingEntityJson = (entity: BillingEntity) => ({
  ...billingEntityJson(entity),
  taxes: [],
  selected_invoice_custom_sections: [],
});
