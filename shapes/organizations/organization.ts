import type { BillingEntity } from '../../db/entities/billing-entity.ts';
import type { Organization } from '../../db/entities/organization.ts';
import type { WebhookEndpoint } from '../../db/entities/webhook-endpoint.ts';
import { datetime } from '../formats.ts';

/** An organization with the settings of its default billing entity, and all its webhook endpoints (spec, api 3.1). */
export const organizationJson = (
  organization: Organization,
  entity: BillingEntity,
  endpoints: readonly WebhookEndpoint[],
) => ({
  lago_id: organization.id,
  name: organization.name,
  slug: organization.slug ?? null,
  created_at: datetime(organization.createdAt),
  default_currency: entity.defaultCurrency,
  country: entity.country ?? null,
  address_line1: entity.addressLine1 ?? null,
  address_line2: entity.addressLine2 ?? null,
  state: entity.state ?? null,
  zipcode: entity.zipcode ?? null,
  city: entity.city ?? null,
  email: entity.email ?? null,
  phone: entity.phone ?? null,
  legal_name: entity.legalName ?? null,
  legal_number: entity.legalNumber ?? null,
  tax_identification_number: entity.taxIdentificationNumber ?? null,
  timezone: entity.timezone,
  net_payment_term: entity.netPaymentTerm,
  email_settings: entity.emailSettings,
  // The entity's word and the organization's word for the same thing (spec, subscriptions-and-invoices 6.5).
  document_numbering:
    entity.documentNumbering === 'per_billing_entity' ? ('per_organization' as const) : ('per_customer' as const),
  document_number_prefix: entity.documentNumberPrefix,
  finalize_zero_amount_invoice: entity.finalizeZeroAmountInvoice,
  eu_tax_management: entity.euTaxManagement,
  billing_configuration: {
    invoice_footer: entity.invoiceFooter ?? null,
    invoice_grace_period: entity.invoiceGracePeriod,
    document_locale: entity.documentLocale,
    subscription_invoice_issuing_date_anchor: entity.subscriptionInvoiceIssuingDateAnchor,
    subscription_invoice_issuing_date_adjustment: entity.subscriptionInvoiceIssuingDateAdjustment,
  },
  webhook_url: endpoints[0]?.webhookUrl ?? null,
  webhook_urls: endpoints.map(({ webhookUrl }) => webhookUrl),
  events_store: 'postgres' as const,
  test_mode: organization.testMode,
  premium_integrations: organization.premiumIntegrations,
  taxes: [],
});
