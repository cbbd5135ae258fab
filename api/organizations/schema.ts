import { z } from 'zod';
import { PREFIX_LENGTH, storedPrefix } from '../../billing/organizations/number-prefix.ts';
import { organizationSchema } from '../../shapes/organizations/organization.ts';
import { NAME_LENGTH, optionalText, requiredText } from '../http/validation.ts';
import { webhookUrl } from '../webhook-endpoints/schema.ts';
import {
  addressTexts,
  country,
  currency,
  email,
  gracePeriod,
  issuingDateAdjustment,
  issuingDateAnchor,
  locale,
  paymentTerm,
  timeZone,
} from './party-fields.ts';

const EMAIL_SETTINGS = ['invoice.finalized', 'credit_note.created', 'payment_receipt.created'] as const;
const FOOTER_LENGTH = 600;

type EmailSetting = (typeof EMAIL_SETTINGS)[number];

const isEmailSetting = (value: string): value is EmailSetting => (EMAIL_SETTINGS as readonly string[]).includes(value);

const prefix = z
  .string()
  .refine((text) => storedPrefix(text) !== '', 'value_is_too_short')
  .refine((text) => storedPrefix(text).length <= PREFIX_LENGTH, 'value_is_too_long')
  .meta({ description: '1 to 10 characters, stored in upper case.', examples: ['ORG-1234'] });

/** Settings of invoices; the organization's endpoint nests them, both places are read (spec, api 3.1). */
const billingConfiguration = {
  invoice_footer: optionalText(FOOTER_LENGTH),
  invoice_grace_period: gracePeriod.nullish(),
  document_locale: locale,
  subscription_invoice_issuing_date_anchor: issuingDateAnchor.nullish(),
  subscription_invoice_issuing_date_adjustment: issuingDateAdjustment.nullish(),
};

/** What an issuer of invoices is asked for, whichever endpoint asks. */
export const issuerSettings = {
  default_currency: currency.optional(),
  country,
  ...addressTexts,
  email,
  phone: optionalText(),
  legal_name: optionalText(),
  legal_number: optionalText(),
  tax_identification_number: optionalText(),
  timezone: timeZone,
  net_payment_term: paymentTerm.nullish(),
  email_settings: z
    .array(z.string())
    .max(EMAIL_SETTINGS.length * 10)
    .refine((values) => values.every(isEmailSetting), 'unsupported_value')
    .optional(),
  document_number_prefix: prefix.nullish().meta({ description: 'null: made from name and id.' }),
  finalize_zero_amount_invoice: z.boolean().optional(),
  eu_tax_management: z
    .boolean()
    .nullish()
    .meta({ description: 'Customers are taxed by the rules of the European Union; only for issuers within it.' }),
  ...billingConfiguration,
  billing_configuration: z.object(billingConfiguration).nullish(),
};

const settings = {
  ...issuerSettings,
  slug: optionalText(),
  /** Both words for one thing are understood: the organization's and the entity's. */
  document_numbering: z.enum(['per_customer', 'per_organization', 'per_billing_entity']).optional(),
  /** The URL of the first webhook endpoint, which is made if there is none; a blank one changes nothing. */
  webhook_url: z.union([webhookUrl, z.literal(''), z.null()]).optional(),
};

/** What both the creation and the update of an organization set. */
export type OrganizationSettings = z.infer<z.ZodObject<typeof settings>>;

export const organizationUpdateSchema = z
  .object({ name: requiredText().optional(), ...settings })
  .meta({ id: 'OrganizationUpdateInput' });

export type OrganizationUpdate = z.infer<typeof organizationUpdateSchema>;

export const organizationCreateSchema = z
  .object({
    name: requiredText(),
    test_mode: z.boolean().default(false),
    premium_integrations: z.array(z.string().max(NAME_LENGTH)).max(100).default([]),
    ...settings,
  })
  .meta({ id: 'OrganizationCreateInput' });

export type NewOrganization = z.infer<typeof organizationCreateSchema>;

export const organizationAnswer = z.strictObject({ organization: organizationSchema });

/** The only answer that ever holds the API key; the other one signs webhooks, and can be asked for again. */
export const createdOrganizationAnswer = z.strictObject({
  organization: organizationSchema
    .extend({ api_key: z.uuid(), hmac_key: z.string() })
    .meta({ id: 'CreatedOrganization' }),
});
