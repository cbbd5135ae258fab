import { partyJson, partySchema } from '../party.ts';
import { z } from 'zod';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { Organization } from '../../db/entities/organizations/organization.ts';
import type { WebhookEndpoint } from '../../db/entities/webhooks/webhook-endpoint.ts';
import type { ShownTax } from '../../db/queries/taxes/attached-taxes.ts';
import { datetime } from '../formats.ts';
import { taxJson, taxSchema } from '../taxes/tax.ts';

const text = z.string().nullable();

export const organizationSchema = z
  .strictObject({
    lago_id: z.uuid(),
    name: z.string().meta({ examples: ['Acme'] }),
    slug: text,
    created_at: z.string().meta({ format: 'date-time' }),
    default_currency: z.string().meta({ examples: ['EUR'] }),
    ...partySchema,
    timezone: z.string().meta({ examples: ['UTC'] }),
    net_payment_term: z.int(),
    email_settings: z.array(z.string()),
    document_numbering: z.enum(['per_customer', 'per_organization']),
    document_number_prefix: z.string(),
    finalize_zero_amount_invoice: z.boolean(),
    eu_tax_management: z.boolean(),
    billing_configuration: z.strictObject({
      invoice_footer: text,
      invoice_grace_period: z.int(),
      document_locale: z.string(),
      subscription_invoice_issuing_date_anchor: z.string(),
      subscription_invoice_issuing_date_adjustment: z.string(),
    }),
    webhook_url: text,
    webhook_urls: z.array(z.string()),
    events_store: z.literal('postgres'),
    test_mode: z.boolean(),
    premium_integrations: z.array(z.string()),
    taxes: z.array(taxSchema),
  })
  .meta({ id: 'Organization' });

type OrganizationJson = z.infer<typeof organizationSchema>;

/** An organization with the settings of its default billing entity, and all its webhook endpoints (spec, api 3.1). */
export const organizationJson = (
  organization: Organization,
  entity: BillingEntity,
  endpoints: readonly WebhookEndpoint[],
  taxes: readonly ShownTax[],
): OrganizationJson => ({
  lago_id: organization.id,
  name: organization.name,
  slug: organization.slug ?? null,
  created_at: datetime(organization.createdAt),
  default_currency: entity.defaultCurrency,
  ...partyJson(entity),
  timezone: entity.timezone,
  net_payment_term: entity.netPaymentTerm,
  email_settings: entity.emailSettings,
  // The entity's word and the organization's word for the same thing (spec, subscriptions-and-invoices 6.5).
  document_numbering: entity.documentNumbering === 'per_billing_entity' ? 'per_organization' : 'per_customer',
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
  events_store: 'postgres',
  test_mode: organization.testMode,
  premium_integrations: organization.premiumIntegrations,
  taxes: taxes.map(taxJson),
});
