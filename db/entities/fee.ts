import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { FeeKind } from '../../billing/fees/fee.ts';
import type { Decimal } from '../../billing/money/decimal.ts';
import { DecimalType } from '../types/decimal-type.ts';

/** One line of an invoice. `*Cents` in the currency's subunits, `preciseUnitAmount` in currency units. */
export const Fee = defineEntity({
  name: 'Fee',
  tableName: 'fees',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    billingEntityId: p.uuid(),
    customerId: p.uuid(),
    invoiceId: p.uuid().nullable(),
    subscriptionId: p.uuid().nullable(),
    chargeId: p.uuid().nullable(),
    /** null: of the charge's default bucket, or of none. */
    chargeFilterId: p.uuid().nullable(),
    /** Of a true-up to a spending minimum: the fee that it adds to. */
    trueUpParentFeeId: p.uuid().nullable(),
    feeType: p.text().$type<FeeKind>(),
    /** Its place on the invoice. */
    position: p.integer(),
    payInAdvance: p.boolean().default(false),
    invoiceable: p.boolean().default(true),
    amountCents: p.bigint('bigint'),
    amountCurrency: p.text(),
    preciseAmountCents: p.type(DecimalType).$type<Decimal>().precision(40).scale(15),
    taxesAmountCents: p.bigint('bigint').default('0'),
    taxesPreciseAmountCents: p.type(DecimalType).$type<Decimal>().precision(40).scale(15).default('0'),
    taxesRate: p.double().default(0),
    preciseCouponsAmountCents: p.type(DecimalType).$type<Decimal>().precision(30).scale(5).default('0'),
    units: p.type(DecimalType).$type<Decimal>(),
    totalAggregatedUnits: p.type(DecimalType).$type<Decimal>().nullable(),
    eventsCount: p.bigint('bigint').nullable(),
    unitAmountCents: p.bigint('bigint'),
    preciseUnitAmount: p.type(DecimalType).$type<Decimal>().precision(40).scale(15),
    invoiceDisplayName: p.text().nullable(),
    description: p.text().nullable(),
    groupedBy: p
      .json<Record<string, string | null>>()
      .onCreate(() => ({}))
      .defaultRaw(`'{}'`),
    amountDetails: p
      .json<Record<string, unknown>>()
      .onCreate(() => ({}))
      .defaultRaw(`'{}'`),
    /** The window that it bills, both ends inclusive. */
    fromDatetime: p.datetime(3).nullable(),
    toDatetime: p.datetime(3).nullable(),
    paymentStatus: p.text().$type<'pending' | 'succeeded' | 'failed' | 'refunded'>().default('pending'),
    succeededAt: p.datetime(3).nullable(),
    failedAt: p.datetime(3).nullable(),
    refundedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  indexes: [
    { name: 'fees_of_invoice', properties: ['organizationId', 'invoiceId', 'position'] },
    { name: 'fees_of_subscription', properties: ['organizationId', 'subscriptionId'] },
    {
      name: 'fees_one_subscription_fee',
      expression:
        "create unique index fees_one_subscription_fee on fees (invoice_id, subscription_id) where fee_type = 'subscription' and invoice_id is not null",
    },
  ],
});
export type Fee = InferEntity<typeof Fee>;
