import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import type { BillingEntity } from '../../db/entities/billing-entity.ts';
import type { Customer } from '../../db/entities/customer.ts';
import { datetime } from '../formats.ts';

const NO_ADDRESS = { address_line1: null, address_line2: null, city: null, zipcode: null, state: null, country: null };

/** A customer as invoices and other objects embed it (spec, api 3.2). */
export const customerJson = (customer: Customer, entity: BillingEntity) => ({
  lago_id: customer.id,
  billing_entity_code: entity.code,
  external_id: customer.externalId,
  account_type: customer.accountType,
  name: customer.name ?? null,
  firstname: customer.firstname ?? null,
  lastname: customer.lastname ?? null,
  customer_type: customer.customerType ?? null,
  sequential_id: customer.sequentialId,
  slug: customer.slug,
  created_at: datetime(customer.createdAt),
  updated_at: datetime(customer.updatedAt),
  country: customer.country ?? null,
  address_line1: customer.addressLine1 ?? null,
  address_line2: customer.addressLine2 ?? null,
  state: customer.state ?? null,
  zipcode: customer.zipcode ?? null,
  email: customer.email ?? null,
  city: customer.city ?? null,
  url: customer.url ?? null,
  phone: customer.phone ?? null,
  logo_url: customer.logoUrl ?? null,
  legal_name: customer.legalName ?? null,
  legal_number: customer.legalNumber ?? null,
  currency: customer.currency ?? null,
  tax_identification_number: customer.taxIdentificationNumber ?? null,
  timezone: customer.timezone ?? null,
  applicable_timezone: applicableTimeZone(customer, entity),
  net_payment_term: customer.netPaymentTerm ?? null,
  external_salesforce_id: customer.externalSalesforceId ?? null,
  finalize_zero_amount_invoice: customer.finalizeZeroAmountInvoice,
  skip_invoice_custom_sections: customer.skipInvoiceCustomSections,
  shipping_address: { ...NO_ADDRESS, ...customer.shippingAddress },
  metadata: customer.metadata,
  billing_configuration: {
    invoice_grace_period: customer.invoiceGracePeriod ?? null,
    payment_provider: customer.paymentProvider ?? null,
    payment_provider_code: customer.paymentProviderCode ?? null,
    document_locale: customer.documentLocale ?? null,
    subscription_invoice_issuing_date_anchor: customer.subscriptionInvoiceIssuingDateAnchor ?? null,
    subscription_invoice_issuing_date_adjustment: customer.subscriptionInvoiceIssuingDateAdjustment ?? null,
    provider_customer_id: customer.providerCustomerId ?? null,
    provider_payment_methods: customer.providerPaymentMethods ?? null,
    sync_with_provider: customer.syncWithProvider ?? null,
  },
});

/** A customer as its own endpoints answer it. */
export const extendedCustomerJson = (customer: Customer, entity: BillingEntity) => ({
  ...customerJson(customer, entity),
  taxes: [],
  integration_customers: [],
  applicable_invoice_custom_sections: [],
});
