import { addressSchema, partyJson, partySchema } from '../party.ts';
import { NO_ADDRESS } from '../../billing/customers/shipping-address.ts';
import { z } from 'zod';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { ACCOUNT_TYPES, CUSTOMER_TYPES } from '../../billing/customers/customer-types.ts';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { datetime } from '../formats.ts';
import { taxJson, taxSchema } from '../taxes/tax.ts';
import { pendingViesCheckJson, pendingViesCheckSchema } from '../taxes/vies-check.ts';
import type { CustomerDetails } from './load-customer-details.ts';

const text = z.string().nullable();

/** A customer as other objects embed it. */
export const customerSchema = z
  .strictObject({
    lago_id: z.uuid(),
    billing_entity_code: z.string(),
    external_id: z.string(),
    account_type: z.enum(ACCOUNT_TYPES),
    name: text,
    firstname: text,
    lastname: text,
    customer_type: z.enum(CUSTOMER_TYPES).nullable(),
    sequential_id: z.int(),
    slug: z.string(),
    created_at: z.string().meta({ format: 'date-time' }),
    updated_at: z.string().meta({ format: 'date-time' }),
    ...partySchema,
    url: text,
    logo_url: text,
    currency: text,
    timezone: text,
    applicable_timezone: z.string(),
    net_payment_term: z.int().nullable(),
    external_salesforce_id: text,
    finalize_zero_amount_invoice: z.enum(['inherit', 'skip', 'finalize']),
    skip_invoice_custom_sections: z.boolean(),
    shipping_address: z.strictObject(addressSchema),
    metadata: z.array(
      z.strictObject({
        lago_id: z.uuid(),
        key: z.string(),
        value: z.string(),
        display_in_invoice: z.boolean(),
        created_at: z.string().meta({ format: 'date-time' }),
      }),
    ),
    billing_configuration: z.strictObject({
      invoice_grace_period: z.int().nullable(),
      payment_provider: text,
      payment_provider_code: text,
      document_locale: text,
      subscription_invoice_issuing_date_anchor: text,
      subscription_invoice_issuing_date_adjustment: text,
      provider_customer_id: text,
      provider_payment_methods: z.array(z.string()).nullable(),
      sync_with_provider: z.boolean().nullable(),
    }),
  })
  .meta({ id: 'Customer' });

/** A customer as its own endpoints answer it. */
export const extendedCustomerSchema = customerSchema
  .extend({
    taxes: z.array(taxSchema),
    pending_vies_check: pendingViesCheckSchema
      .nullable()
      .meta({ description: 'The check of its VAT number while it is not answered.' }),
    integration_customers: z.array(z.unknown()),
    applicable_invoice_custom_sections: z.array(z.unknown()),
  })
  .meta({ id: 'CustomerExtended' });

type CustomerJson = z.infer<typeof customerSchema>;

/** A customer as invoices and other objects embed it (spec, api 3.2). */
export const customerJson = (customer: Customer, entity: BillingEntity): CustomerJson => ({
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
  ...partyJson(customer),
  url: customer.url ?? null,
  logo_url: customer.logoUrl ?? null,
  currency: customer.currency ?? null,
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
export const extendedCustomerJson = (
  customer: Customer,
  entity: BillingEntity,
  { taxes, pendingViesCheck }: CustomerDetails,
) => ({
  ...customerJson(customer, entity),
  taxes: taxes.map(taxJson),
  pending_vies_check: pendingViesCheck && pendingViesCheckJson(pendingViesCheck),
  integration_customers: [],
  applicable_invoice_custom_sections: [],
});
