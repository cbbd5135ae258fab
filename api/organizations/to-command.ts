import type { z } from 'zod';
import { featureUnavailable, invalid } from '../../billing/refusal.ts';
import { isInEu } from '../../billing/taxes/eu-countries.ts';
import type { BillingEntity } from '../../db/entities/billing-entity.ts';
import { given } from './given-attributes.ts';
import { textOrNull } from './party-fields.ts';
import type { OrganizationSettings, issuerSettings } from './schema.ts';

type EntitySettings = Partial<Omit<BillingEntity, 'id' | 'organizationId' | 'code' | 'createdAt'>>;

/** What an endpoint says of an issuer's settings. */
export type IssuerSettings = z.infer<z.ZodObject<typeof issuerSettings>> &
  Pick<OrganizationSettings, 'document_numbering'>;

/**
 * What this version does not have yet, whichever endpoint sets it: better refused than silently wrong. EU taxes are refused to an
 * issuer outside the EU by the spec itself (money 1.7).
 *
 * @param country where the issuer is, unless the request says another.
 * @param notInEu the endpoint's word for an issuer outside the EU.
 * @throws Refusal 403 `feature_unavailable`; 422 on `eu_tax_management`.
 */
export function refuseUnavailableSettings(
  settings: IssuerSettings,
  country: string | null,
  notInEu: 'org_must_be_in_eu' | 'billing_entity_must_be_in_eu',
): void {
  if (settings.eu_tax_management === true) {
    const where = settings.country === undefined ? country : textOrNull(settings.country);
    if (!isInEu(where)) throw invalid({ eu_tax_management: [notInEu] });
    throw featureUnavailable(['eu_tax_management']);
  }
}

/** The nested and the flat form of the same settings; the nested one, which Lago's clients send, wins. */
const configurationOf = (settings: IssuerSettings) => ({
  ...settings,
  ...given(settings.billing_configuration ?? {}),
});

const text = (value: string | null | undefined) => (value === undefined ? undefined : textOrNull(value));

/** A setting that always has a value: null and blank bring back the default. */
function orDefault<T>(value: T | null | undefined, otherwise: T): T | undefined {
  const isEmpty = value === null || (typeof value === 'string' && value.trim() === '');
  return isEmpty ? otherwise : value;
}

/**
 * Columns of the billing entity for the settings that a request has; what it does not name stays as it is.
 *
 * The prefix of its numbers is not among them: it has to differ from those of other entities (`number-prefix.ts`).
 */
export function entitySettings(settings: IssuerSettings): EntitySettings {
  const configuration = configurationOf(settings);
  const { document_numbering: numbering } = settings;
  return given({
    defaultCurrency: settings.default_currency,
    country: text(settings.country),
    addressLine1: text(settings.address_line1),
    addressLine2: text(settings.address_line2),
    city: text(settings.city),
    state: text(settings.state),
    zipcode: text(settings.zipcode),
    email: text(settings.email),
    phone: text(settings.phone),
    legalName: text(settings.legal_name),
    legalNumber: text(settings.legal_number),
    taxIdentificationNumber: text(settings.tax_identification_number),
    timezone: orDefault(settings.timezone, 'UTC'),
    netPaymentTerm: orDefault(settings.net_payment_term, 0),
    emailSettings: settings.email_settings && [...new Set(settings.email_settings)],
    documentNumbering: numbering === 'per_organization' ? 'per_billing_entity' : numbering,
    finalizeZeroAmountInvoice: settings.finalize_zero_amount_invoice,
    euTaxManagement: orDefault(settings.eu_tax_management, false),
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
