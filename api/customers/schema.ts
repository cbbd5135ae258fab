import { z } from 'zod';
import { ACCOUNT_TYPES, CUSTOMER_TYPES } from '../../billing/customers/customer-types.ts';
import { extendedCustomerSchema } from '../../shapes/customers/customer.ts';
import {
  addressTexts,
  country,
  emails,
  gracePeriod,
  issuingDateAdjustment,
  issuingDateAnchor,
  locale,
  optionalCurrency,
  paymentTerm,
  timeZone,
  url,
} from '../organizations/party-fields.ts';
import { metaSchema } from '../http/pagination.ts';
import { taxCodes } from '../taxes/schema.ts';
import { unavailable, unavailableByItself } from '../document/unavailable.ts';
import { NAME_LENGTH, optionalText, requiredText } from '../http/validation.ts';

const METADATA_MAX = 5;
const METADATA_KEY_LENGTH = 20;
const METADATA_VALUE_LENGTH = 100;
const LIST_MAX = 100;

const metadataItem = z
  .object({
    id: optionalText().meta({ description: 'Of the item to change; without it a new one is made.' }),
    key: optionalText(METADATA_KEY_LENGTH),
    value: optionalText(METADATA_VALUE_LENGTH),
    display_in_invoice: z.boolean().nullish(),
  })
  .meta({ id: 'CustomerMetadataInput' });

export type MetadataInput = z.infer<typeof metadataItem>;

const addressInput = z.object({ ...addressTexts, country }).meta({ id: 'AddressInput' });

export type AddressInput = z.infer<typeof addressInput>;

const billingConfigurationInput = z
  .object({
    invoice_grace_period: gracePeriod.nullish(),
    document_locale: locale,
    subscription_invoice_issuing_date_anchor: issuingDateAnchor.nullish(),
    subscription_invoice_issuing_date_adjustment: issuingDateAdjustment.nullish(),
    payment_provider: unavailableByItself(
      optionalText(),
      'There are no payment providers: any is 422 `base: payment_provider_not_found`.',
    ),
    payment_provider_code: optionalText(),
    provider_customer_id: optionalText(),
    sync: z.boolean().nullish(),
    sync_with_provider: z.boolean().nullish(),
    provider_payment_methods: z.array(z.string().max(NAME_LENGTH)).max(LIST_MAX).nullish(),
  })
  .meta({ id: 'CustomerBillingConfigurationInput' });

const codes = z.array(z.string().max(NAME_LENGTH)).max(LIST_MAX).nullish();

export const customerInput = z
  .object({
    external_id: requiredText().meta({ description: 'Your id of the customer.', examples: ['acme'] }),
    account_type: z.enum(ACCOUNT_TYPES).nullish().meta({ description: 'Ignored after the first subscription.' }),
    customer_type: z.enum(CUSTOMER_TYPES).nullish(),
    name: optionalText(),
    firstname: optionalText(),
    lastname: optionalText(),
    country,
    ...addressTexts,
    email: emails,
    url,
    phone: optionalText(),
    logo_url: url,
    legal_name: optionalText(),
    legal_number: optionalText(),
    currency: optionalCurrency,
    tax_identification_number: optionalText(),
    timezone: timeZone,
    net_payment_term: paymentTerm.nullish(),
    external_salesforce_id: optionalText(),
    finalize_zero_amount_invoice: z.enum(['inherit', 'skip', 'finalize']).nullish(),
    skip_invoice_custom_sections: z.boolean().nullish(),
    billing_entity_code: optionalText(),
    shipping_address: addressInput.nullish(),
    billing_configuration: billingConfigurationInput.nullish(),
    metadata: z
      .array(metadataItem)
      .refine((items) => items.length <= METADATA_MAX, 'invalid_count')
      .nullish(),
    tax_codes: taxCodes,
    invoice_custom_section_codes: unavailable(codes, 'Texts of your own on invoices.'),
    integration_customers: unavailable(
      z.array(z.unknown()).max(LIST_MAX).nullish(),
      'The customer in an accounting, tax or CRM system.',
    ),
  })
  .meta({ id: 'CustomerInput' });

export type CustomerInput = z.infer<typeof customerInput>;

export const customerAnswer = z.strictObject({ customer: extendedCustomerSchema });
export const customerListAnswer = z.strictObject({ customers: z.array(extendedCustomerSchema), meta: metaSchema });
