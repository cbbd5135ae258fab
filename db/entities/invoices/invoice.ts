import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { InvoiceType } from '../../../billing/invoices/invoice-policy.ts';
import type { InvoiceStatus, PaymentStatus, TaxStatus } from '../../../billing/invoices/invoice-status.ts';

export interface InvoiceMetadata {
  readonly lago_id: string;
  readonly key: string;
  readonly value: string;
  readonly created_at: string;
}

/** Amounts are in the currency's subunits. */
export const Invoice = defineEntity({
  name: 'Invoice',
  tableName: 'invoices',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    customerId: p.uuid(),
    billingEntityId: p.uuid(),
    invoiceType: p.text().$type<InvoiceType>(),
    status: p.text().$type<InvoiceStatus>(),
    paymentStatus: p.text().$type<PaymentStatus>(),
    number: p.text(),
    /** Of the customer and billing entity; null until finalized. */
    sequentialId: p.integer().nullable(),
    /** Of the billing entity, where numbering runs per entity. */
    entitySequentialId: p.integer().nullable(),
    purchaseOrderNumber: p.text().nullable(),
    /** Dates of the customer's calendar. */
    issuingDate: p.date(),
    paymentDueDate: p.date(),
    expectedFinalizationDate: p.date(),
    netPaymentTerm: p.integer(),
    currency: p.text(),
    timezone: p.text(),
    /** Version of the time-zone data that its windows were computed with. */
    timezoneDataVersion: p.text(),
    feesAmountCents: p.bigint('bigint').default('0'),
    progressiveBillingCreditAmountCents: p.bigint('bigint').default('0'),
    couponsAmountCents: p.bigint('bigint').default('0'),
    subTotalExcludingTaxesAmountCents: p.bigint('bigint').default('0'),
    taxesAmountCents: p.bigint('bigint').default('0'),
    /** Percent, weighted by what each tax was taken from. */
    taxesRate: p.double().default(0),
    /** `pending`: it waits for its taxes, `failed`: a provider has none; null: made before there were taxes. */
    taxStatus: p.text().$type<TaxStatus>().nullable(),
    subTotalIncludingTaxesAmountCents: p.bigint('bigint').default('0'),
    creditNotesAmountCents: p.bigint('bigint').default('0'),
    prepaidCreditAmountCents: p.bigint('bigint').default('0'),
    totalAmountCents: p.bigint('bigint').default('0'),
    totalPaidAmountCents: p.bigint('bigint').default('0'),
    /** What its own final credit notes took off what is due on it. */
    totalOffsetAmountCents: p.bigint('bigint').default('0'),
    /** A draft that no longer says what it should: a refresh is wanted (spec, subscriptions-and-invoices 6.6). */
    readyToBeRefreshed: p.boolean().default(false),
    /** The grace period, in days, that its dates were computed with (S049: no change moves them twice). */
    appliedGracePeriod: p.integer().default(0),
    paymentOverdue: p.boolean().default(false),
    paymentDisputeLostAt: p.datetime(3).nullable(),
    selfBilled: p.boolean().default(false),
    metadata: p
      .json<InvoiceMetadata[]>()
      .onCreate(() => [])
      .defaultRaw(`'[]'`),
    finalizedAt: p.datetime(3).nullable(),
    voidedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [{ name: 'invoices_tenant', properties: ['organizationId', 'id'] }],
  indexes: [
    {
      name: 'invoices_sequence',
      expression: `create unique index invoices_sequence on invoices (customer_id, billing_entity_id, sequential_id)
         where sequential_id is not null`,
    },
    {
      name: 'invoices_entity_sequence',
      expression: `create unique index invoices_entity_sequence on invoices (billing_entity_id, entity_sequential_id)
         where entity_sequential_id is not null`,
    },
    {
      name: 'invoices_drafts_of_customer',
      expression: "create index invoices_drafts_of_customer on invoices (customer_id) where status = 'draft'",
    },
    {
      name: 'invoices_drafts_of_entity',
      expression: "create index invoices_drafts_of_entity on invoices (billing_entity_id, id) where status = 'draft'",
    },
    {
      name: 'invoices_drafts',
      expression: "create index invoices_drafts on invoices (organization_id, id) where status = 'draft'",
    },
    {
      name: 'invoices_open',
      expression:
        "create index invoices_open on invoices (status) where status in ('draft', 'generating', 'failed', 'pending')",
    },
    { name: 'invoices_newest', properties: ['organizationId', 'issuingDate', 'createdAt', 'id'] },
    { name: 'invoices_of_customer', properties: ['organizationId', 'customerId', 'issuingDate'] },
  ],
});
export type Invoice = InferEntity<typeof Invoice>;
