import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { CustomerMetadata } from '../../../billing/customers/customer-metadata.ts';
import type { AccountType, CustomerType } from '../../../billing/customers/customer-types.ts';
import type { ShippingAddress } from '../../../billing/customers/shipping-address.ts';

export const Customer = defineEntity({
  name: 'Customer',
  tableName: 'customers',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    billingEntityId: p.uuid(),
    externalId: p.text(),
    sequentialId: p.integer(),
    slug: p.text(),
    accountType: p.text().$type<AccountType>().default('customer'),
    customerType: p.text().$type<CustomerType>().nullable(),
    name: p.text().nullable(),
    firstname: p.text().nullable(),
    lastname: p.text().nullable(),
    country: p.text().nullable(),
    addressLine1: p.text().fieldName('address_line1').nullable(),
    addressLine2: p.text().fieldName('address_line2').nullable(),
    state: p.text().nullable(),
    zipcode: p.text().nullable(),
    city: p.text().nullable(),
    email: p.text().nullable(),
    url: p.text().nullable(),
    phone: p.text().nullable(),
    logoUrl: p.text().nullable(),
    legalName: p.text().nullable(),
    legalNumber: p.text().nullable(),
    currency: p.text().nullable(),
    taxIdentificationNumber: p.text().nullable(),
    /** Of the external provider that taxes it (spec, money 1.8); no request sets it: there are no providers yet. */
    taxProviderCode: p.text().nullable(),
    timezone: p.text().nullable(),
    netPaymentTerm: p.integer().nullable(),
    externalSalesforceId: p.text().nullable(),
    finalizeZeroAmountInvoice: p.text().$type<'inherit' | 'skip' | 'finalize'>().default('inherit'),
    skipInvoiceCustomSections: p.boolean().default(false),
    shippingAddress: p.json<ShippingAddress>().nullable(),
    metadata: p
      .json<CustomerMetadata[]>()
      .onCreate(() => [])
      .defaultRaw(`'[]'`),
    invoiceGracePeriod: p.integer().nullable(),
    paymentProvider: p.text().nullable(),
    paymentProviderCode: p.text().nullable(),
    providerCustomerId: p.text().nullable(),
    providerPaymentMethods: p.json<string[]>().nullable(),
    syncWithProvider: p.boolean().nullable(),
    documentLocale: p.text().nullable(),
    subscriptionInvoiceIssuingDateAnchor: p.text().$type<'current_period_end' | 'next_period_start'>().nullable(),
    subscriptionInvoiceIssuingDateAdjustment: p
      .text()
      .$type<'keep_anchor' | 'align_with_finalization_date'>()
      .nullable(),
    deletedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [
    { name: 'customers_tenant', properties: ['organizationId', 'id'] },
    { name: 'customers_sequence', properties: ['organizationId', 'sequentialId'] },
  ],
  indexes: [
    {
      name: 'customers_external_id',
      expression: `create unique index customers_external_id on customers (organization_id, external_id)
         where deleted_at is null`,
    },
    { name: 'customers_newest', properties: ['organizationId', 'createdAt', 'id'] },
  ],
});
export type Customer = InferEntity<typeof Customer>;
