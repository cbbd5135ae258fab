import { toParty } from './to-party.ts';
import type { z } from 'zod';
import type { CreateOrganization } from '../../activities/organizations/create-organization.ts';
import type { UpdateOrganization } from '../../activities/organizations/update-organization.ts';
import type { BillingEntityChanges, IssuerSettings } from '../../activities/organizations/issuer-settings.ts';
import { isBlank, textOrNull } from '../../billing/blank-text.ts';
import { given } from '../http/given-attributes.ts';
import { givenTextOrNull as text } from '../http/validation.ts';
import type { NewOrganization, OrganizationSettings, OrganizationUpdate, issuerSettings } from './schema.ts';

export const toCreateOrganization = (input: NewOrganization): CreateOrganization => ({
  name: input.name,
  slug: input.slug ?? null,
  testMode: input.test_mode,
  premiumIntegrations: input.premium_integrations,
  documentNumberPrefix: input.document_number_prefix ?? null,
  settings: toIssuerSettings(input),
  // A blank one is none, and changes nothing.
  webhookUrl: textOrNull(input.webhook_url ?? null),
});

export const toUpdateOrganization = (input: OrganizationUpdate): UpdateOrganization => ({
  slug: input.slug,
  webhookUrl: textOrNull(input.webhook_url ?? null),
  changes: toEntityChanges(input),
});

/** What an endpoint says of an issuer's settings. */
export type IssuerInput = z.infer<z.ZodObject<typeof issuerSettings>> &
  Pick<OrganizationSettings, 'document_numbering'> & {
    readonly name?: string | undefined;
    readonly einvoicing?: boolean | undefined;
    readonly logo?: string | null | undefined;
  };

/** What a request changes of a billing entity, whichever endpoint is asked. */
export const toEntityChanges = (input: IssuerInput): BillingEntityChanges => ({
  ...given({
    name: input.name,
    documentNumberPrefix: input.document_number_prefix,
    einvoicing: input.einvoicing,
    logoUrl: input.logo,
  }),
  settings: toIssuerSettings(input),
});

/** The nested and the flat form of the same settings; the nested one, which Lago's clients send, wins. */
const configurationOf = (input: IssuerInput) => ({ ...input, ...given(input.billing_configuration ?? {}) });

/** A setting that always has a value: null and blank bring back the default. */
function orDefault<T>(value: T | null | undefined, otherwise: T): T | undefined {
  return value === null || (typeof value === 'string' && isBlank(value)) ? otherwise : value;
}

/** The settings that a request has; what it does not name stays as it is. */
function toIssuerSettings(input: IssuerInput): IssuerSettings {
  const configuration = configurationOf(input);
  const { document_numbering: numbering } = input;
  return given({
    defaultCurrency: input.default_currency,
    ...toParty(input),
    timezone: orDefault(input.timezone, 'UTC'),
    netPaymentTerm: orDefault(input.net_payment_term, 0),
    emailSettings: input.email_settings && [...new Set(input.email_settings)],
    // Two words for one thing: the organization's and the entity's (spec, subscriptions-and-invoices 6.5).
    documentNumbering: numbering === 'per_organization' ? 'per_billing_entity' : numbering,
    finalizeZeroAmountInvoice: input.finalize_zero_amount_invoice,
    euTaxManagement: orDefault(input.eu_tax_management, false),
    invoiceFooter: text(configuration.invoice_footer),
    invoiceGracePeriod: orDefault(configuration.invoice_grace_period, 0),
    documentLocale: orDefault(configuration.document_locale, 'en'),
    subscriptionInvoiceIssuingDateAnchor: orDefault(
      configuration.subscription_invoice_issuing_date_anchor,
      'next_period_start' as const,
    ),
    subscriptionInvoiceIssuingDateAdjustment: orDefault(
      configuration.subscription_invoice_issuing_date_adjustment,
      'align_with_finalization_date' as const,
    ),
  });
}
