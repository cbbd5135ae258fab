import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { FeeKind } from '../../../billing/fees/fee.ts';
import type { Decimal } from '../../../billing/money/decimal.ts';
import { DecimalType } from '../../types/decimal-type.ts';

/** A tax on a fee, with a copy of what the tax said (spec, money 1.1, 1.4); decimals as texts. */
export interface StoredFeeTax {
  readonly id: string;
  /** null: an external provider said so (spec, money 1.8). */
  readonly taxId: string | null;
  readonly code: string;
  readonly name: string;
  readonly description: string | null;
  readonly rate: string;
  readonly amountCents: string;
  readonly preciseAmountCents: string;
}

/** What it costs in the pricing unit of its charge (spec, usage 11); hundredths and decimals as texts. */
export interface StoredPricingUnit {
  readonly id: string;
  readonly code: string;
  readonly shortName: string;
  readonly conversionRate: string;
  readonly amountCents: string;
  readonly preciseAmountCents: string;
  readonly unitAmountCents: string;
  readonly preciseUnitAmount: string;
}

/** How its units are shown apart (spec, usage 4.5); decimals as texts. */
export interface StoredPresentation {
  readonly keysOnInvoice: readonly string[];
  readonly parts: readonly { readonly by: Record<string, string | null>; readonly units: string }[];
}

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
    addOnId: p.uuid().nullable(),
    /** Of a charge in advance: the event that it is for. */
    eventId: p.uuid().nullable(),
    eventTransactionId: p.text().nullable(),
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
    /** Taxes that a request gave for it alone (spec, money 1.3), for an invoice that is taxed later. */
    givenTaxIds: p
      .json<string[]>()
      .onCreate(() => [])
      .defaultRaw(`'[]'`),
    /** Copies that never change: rows of their own would cost every billing run. */
    appliedTaxes: p
      .json<StoredFeeTax[]>()
      .onCreate(() => [])
      .defaultRaw(`'[]'`),
    /** The part of it that is taxed, where a tax provider says less than all (spec, money 1.8). */
    taxesBaseRate: p.type(DecimalType).$type<Decimal>().default('1'),
    preciseCouponsAmountCents: p.type(DecimalType).$type<Decimal>().precision(30).scale(5).default('0'),
    /** What credit notes of the customer paid of it, with its taxes (spec, money 3.8). */
    preciseCreditNotesAmountCents: p.type(DecimalType).$type<Decimal>().precision(30).scale(5).default('0'),
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
    /** null: its charge did not show units apart. */
    presentation: p.json<StoredPresentation>().nullable(),
    /** Copies that never change; null: its charge says its prices in the currency. */
    pricingUnit: p.json<StoredPricingUnit>().nullable(),
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
    /** Of one without invoice. It stays: its event is not priced again. */
    deletedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  indexes: [
    { name: 'fees_of_invoice', properties: ['organizationId', 'invoiceId', 'position'] },
    { name: 'fees_of_subscription', properties: ['organizationId', 'subscriptionId'] },
    {
      name: 'fees_one_subscription_fee',
      expression: `create unique index fees_one_subscription_fee on fees (invoice_id, subscription_id)
         where fee_type = 'subscription' and invoice_id is not null`,
    },
    {
      name: 'fees_one_of_event',
      expression: `create unique index fees_one_of_event on fees (event_id, charge_id) where event_id is not null`,
    },
    {
      name: 'fees_of_event_transaction',
      expression: `create index fees_of_event_transaction on fees (organization_id, event_transaction_id)
         where event_transaction_id is not null`,
    },
    { name: 'fees_newest', properties: ['organizationId', 'createdAt', 'id'] },
    { name: 'fees_of_customer', properties: ['organizationId', 'customerId', 'createdAt', 'id'] },
    {
      name: 'fees_without_invoice',
      expression: `create index fees_without_invoice on fees (organization_id, customer_id)
         where invoice_id is null and deleted_at is null`,
    },
  ],
});
export type Fee = InferEntity<typeof Fee>;
