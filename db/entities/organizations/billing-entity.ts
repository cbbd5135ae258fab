import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { DocumentNumbering } from '../../../billing/invoices/invoice-number.ts';
import { Organization } from './organization.ts';

/** The legal issuer of invoices; an organization has at least one, and one default. */
export const BillingEntity = defineEntity({
  name: 'BillingEntity',
  tableName: 'billing_entities',
  properties: {
    id: p.uuid().primary(),
    /** A relation, so that the ORM inserts the organization first; the foreign key is the migrations'. */
    organizationId: () =>
      p.manyToOne(Organization).mapToPk().joinColumn('organization_id').createForeignKeyConstraint(false),
    code: p.text(),
    name: p.text(),
    isDefault: p.boolean().default(false),
    defaultCurrency: p.text(),
    timezone: p.text().default('UTC'),
    country: p.text().nullable(),
    addressLine1: p.text().fieldName('address_line1').nullable(),
    addressLine2: p.text().fieldName('address_line2').nullable(),
    state: p.text().nullable(),
    zipcode: p.text().nullable(),
    city: p.text().nullable(),
    email: p.text().nullable(),
    phone: p.text().nullable(),
    legalName: p.text().nullable(),
    legalNumber: p.text().nullable(),
    taxIdentificationNumber: p.text().nullable(),
    netPaymentTerm: p.integer().default(0),
    emailSettings: p
      .json<string[]>()
      .onCreate(() => [])
      .defaultRaw(`'[]'`),
    documentNumbering: p.text().$type<DocumentNumbering>().default('per_customer'),
    /** Of its organization's entities no other has it or has had it: two issuers never give one number. */
    documentNumberPrefix: p.text(),
    /** Those that it had before, once it had given numbers. */
    formerNumberPrefixes: p
      .json<string[]>()
      .onCreate(() => [])
      .defaultRaw(`'[]'`),
    finalizeZeroAmountInvoice: p.boolean().default(true),
    invoiceFooter: p.text().nullable(),
    invoiceGracePeriod: p.integer().default(0),
    documentLocale: p.text().default('en'),
    subscriptionInvoiceIssuingDateAnchor: p
      .text()
      .$type<'current_period_end' | 'next_period_start'>()
      .default('next_period_start'),
    subscriptionInvoiceIssuingDateAdjustment: p
      .text()
      .$type<'keep_anchor' | 'align_with_finalization_date'>()
      .default('align_with_finalization_date'),
    einvoicing: p.boolean().default(false),
    euTaxManagement: p.boolean().default(false),
    /** A data URL, loaded only where it is shown: most reads of an entity want a setting or two. */
    logoUrl: p.text().nullable().lazy(),
    /** The number given out last when numbering runs per billing entity (spec, subscriptions-and-invoices 6.5). */
    invoiceSequence: p.integer().default(0),
    /** How often the settings of its drafts were changed: names each change's workflow. */
    settingsVersion: p.integer().default(0),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [
    { name: 'billing_entities_tenant', properties: ['organizationId', 'id'] },
    { name: 'billing_entities_code', properties: ['organizationId', 'code'] },
    { name: 'billing_entities_prefix', properties: ['organizationId', 'documentNumberPrefix'] },
  ],
  indexes: [
    {
      name: 'billing_entities_one_default',
      expression:
        'create unique index billing_entities_one_default on billing_entities (organization_id) where is_default',
    },
  ],
});
export type BillingEntity = InferEntity<typeof BillingEntity>;
