import { toParty } from '../organizations/to-party.ts';
import type { CustomerChanges } from '../../activities/customers/customer-columns.ts';
import type { SaveCustomer } from '../../activities/customers/save-customer.ts';
import type { ShippingAddress } from '../../billing/customers/shipping-address.ts';
import { given } from '../http/given-attributes.ts';
import { givenTextOrNull as text } from '../http/validation.ts';
import type { AddressInput, CustomerInput, MetadataInput } from './schema.ts';

export const toSaveCustomer = (input: CustomerInput): SaveCustomer => ({
  externalId: input.external_id,
  billingEntityCode: input.billing_entity_code ?? null,
  taxCodes: input.tax_codes ?? null,
  changes: toChanges(input),
});

/**
 * What a request says of a customer; what it does not name stays as it is. Inside `shipping_address` and
 * `billing_configuration` the same rule holds for their own attributes. No payment provider can be linked in this
 * version, so that what is said about one is not stored (spec, behaviours S111).
 */
function toChanges(input: CustomerInput): CustomerChanges {
  const configuration = input.billing_configuration;
  return given({
    accountType: input.account_type ?? undefined,
    customerType: input.customer_type,
    name: text(input.name),
    firstname: text(input.firstname),
    lastname: text(input.lastname),
    ...toParty(input),
    url: text(input.url),
    logoUrl: text(input.logo_url),
    currency: text(input.currency),
    timezone: text(input.timezone),
    netPaymentTerm: input.net_payment_term,
    externalSalesforceId: text(input.external_salesforce_id),
    finalizeZeroAmountInvoice:
      input.finalize_zero_amount_invoice === undefined ? undefined : (input.finalize_zero_amount_invoice ?? 'inherit'),
    skipInvoiceCustomSections:
      input.skip_invoice_custom_sections === undefined ? undefined : (input.skip_invoice_custom_sections ?? false),
    shippingAddress: input.shipping_address && toAddress(input.shipping_address),
    metadata: input.metadata === undefined ? undefined : (input.metadata ?? []).map(toMetadata),
    invoiceGracePeriod: configuration?.invoice_grace_period,
    documentLocale: text(configuration?.document_locale),
    subscriptionInvoiceIssuingDateAnchor: configuration?.subscription_invoice_issuing_date_anchor,
    subscriptionInvoiceIssuingDateAdjustment: configuration?.subscription_invoice_issuing_date_adjustment,
  });
}

const toAddress = (input: AddressInput): Partial<ShippingAddress> =>
  given({
    address_line1: text(input.address_line1),
    address_line2: text(input.address_line2),
    city: text(input.city),
    zipcode: text(input.zipcode),
    state: text(input.state),
    country: text(input.country),
  });

const toMetadata = ({ display_in_invoice: displayInInvoice, ...item }: MetadataInput) => ({
  ...item,
  displayInInvoice,
});
