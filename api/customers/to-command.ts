import type { Customer, ShippingAddress } from '../../db/entities/customer.ts';
import { given } from '../organizations/given-attributes.ts';
import { textOrNull } from '../organizations/party-fields.ts';
import { updatedMetadata } from './metadata.ts';
import type { AddressInput, CustomerInput } from './schema.ts';

/** Columns that a request may set. */
export type CustomerAttributes = Partial<
  Omit<
    Customer,
    'id' | 'organizationId' | 'billingEntityId' | 'externalId' | 'sequentialId' | 'slug' | 'createdAt' | 'updatedAt'
  >
>;

/** Blank texts are stored as null, so that "there is none" is told in one way. */
const text = (value: string | null | undefined) => (value === undefined ? undefined : textOrNull(value));

/**
 * Columns for the attributes that a request has; what it does not name stays as it is. Inside `shipping_address` and
 * `billing_configuration` the same rule holds for their own attributes. No payment provider can be linked in this version, so
 * that what is said about one is not stored (spec, behaviours S111).
 *
 * @param present the customer as it is; absent for a new one.
 * @param now the organization's clock.
 * @throws Refusal 422 as `updatedMetadata`.
 */
export function customerAttributes(input: CustomerInput, present: Customer | undefined, now: Date): CustomerAttributes {
  const configuration = input.billing_configuration;
  return given({
    accountType: input.account_type ?? undefined,
    customerType: input.customer_type,
    name: text(input.name),
    firstname: text(input.firstname),
    lastname: text(input.lastname),
    country: text(input.country),
    addressLine1: text(input.address_line1),
    addressLine2: text(input.address_line2),
    city: text(input.city),
    state: text(input.state),
    zipcode: text(input.zipcode),
    email: text(input.email),
    url: text(input.url),
    phone: text(input.phone),
    logoUrl: text(input.logo_url),
    legalName: text(input.legal_name),
    legalNumber: text(input.legal_number),
    currency: text(input.currency),
    taxIdentificationNumber: text(input.tax_identification_number),
    timezone: text(input.timezone),
    netPaymentTerm: input.net_payment_term,
    externalSalesforceId: text(input.external_salesforce_id),
    finalizeZeroAmountInvoice:
      input.finalize_zero_amount_invoice === undefined ? undefined : (input.finalize_zero_amount_invoice ?? 'inherit'),
    skipInvoiceCustomSections:
      input.skip_invoice_custom_sections === undefined ? undefined : (input.skip_invoice_custom_sections ?? false),
    shippingAddress: shippingAddress(input.shipping_address, present?.shippingAddress ?? null),
    metadata:
      input.metadata === undefined ? undefined : updatedMetadata(present?.metadata ?? [], input.metadata ?? [], now),
    invoiceGracePeriod: configuration?.invoice_grace_period,
    documentLocale: text(configuration?.document_locale),
    subscriptionInvoiceIssuingDateAnchor: configuration?.subscription_invoice_issuing_date_anchor,
    subscriptionInvoiceIssuingDateAdjustment: configuration?.subscription_invoice_issuing_date_adjustment,
  });
}

function shippingAddress(input: AddressInput | null | undefined, present: ShippingAddress | null) {
  if (input == null) return input;
  return {
    address_line1: orPresent(input.address_line1, present?.address_line1),
    address_line2: orPresent(input.address_line2, present?.address_line2),
    city: orPresent(input.city, present?.city),
    zipcode: orPresent(input.zipcode, present?.zipcode),
    state: orPresent(input.state, present?.state),
    country: orPresent(input.country, present?.country),
  };
}

const orPresent = (value: string | null | undefined, present: string | null | undefined): string | null =>
  value === undefined ? (present ?? null) : textOrNull(value);
