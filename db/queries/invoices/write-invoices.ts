import type { EntityManager } from '@mikro-orm/postgresql';
import type { InvoiceStatus } from '../../../billing/invoices/invoice-status.ts';
import { Decimal } from '../../../billing/money/decimal.ts';
import { Credit } from '../../entities/invoices/credit.ts';
import { Fee } from '../../entities/invoices/fee.ts';
import { InvoiceAppliedTax } from '../../entities/invoices/invoice-applied-tax.ts';
import { InvoiceSubscription } from '../../entities/invoices/invoice-subscription.ts';
import { Invoice } from '../../entities/invoices/invoice.ts';
import type { RowOf } from '../../kysely.ts';
import { sql } from '../../sql.ts';
import { rowsAsJson } from '../rows-as-json.ts';

/** The rows of one invoice. */
export interface InvoiceRows {
  readonly invoice: RowOf<'invoices'>;
  /** Whether there is no row of it yet; else what was calculated takes the place of what the row says. */
  readonly isNew: boolean;
  readonly subscriptions: readonly RowOf<'invoice_subscriptions'>[];
  readonly fees: readonly RowOf<'fees'>[];
  readonly credits: readonly RowOf<'credits'>[];
  readonly taxes: readonly RowOf<'invoice_applied_taxes'>[];
}

/** What an invoice that is calculated anew keeps: whose it is, its number, and what others have noted on it. */
const KEPT: readonly (keyof RowOf<'invoices'>)[] = [
  'id',
  'organizationId',
  'customerId',
  'billingEntityId',
  'number',
  'sequentialId',
  'entitySequentialId',
  'purchaseOrderNumber',
  'timezoneDataVersion',
  'selfBilled',
  'metadata',
  'totalPaidAmountCents',
  'totalOffsetAmountCents',
  'paymentOverdue',
  'paymentDisputeLostAt',
  'voidedAt',
  'createdAt',
];

/**
 * Writes invoices with their windows, fees, credits and taxes, in one statement however many they are.
 *
 * @throws Error when an invoice that is new is there, or one that is not new is gone: nothing is written then.
 */
export async function writeInvoices(em: EntityManager, invoices: readonly InvoiceRows[]): Promise<void> {
  if (invoices.length === 0) return;
  const [invoice, subscription, fee, tax, credit] = [
    rowsAsJson(em, Invoice),
    rowsAsJson(em, InvoiceSubscription),
    rowsAsJson(em, Fee),
    rowsAsJson(em, InvoiceAppliedTax),
    rowsAsJson(em, Credit),
  ];
  const old = invoices.filter(({ isNew }) => !isNew).map((one) => one.invoice.id);
  const filled = await sql(
    em,
    `with written as materialized (select * from ${invoice.from('$1')} row),
     made as (
       insert into invoices (${invoice.columns}) select ${invoice.columns} from written where id <> all($5::uuid[])),
     windows as (
       insert into invoice_subscriptions (${subscription.columns})
       select ${subscription.columns} from ${subscription.from('$2')} row),
     lines as (insert into fees (${fee.columns}) select ${fee.columns} from ${fee.from('$3')} row),
     taxes as (
       insert into invoice_applied_taxes (${tax.columns}) select ${tax.columns} from ${tax.from('$4')} row),
     credited as (insert into credits (${credit.columns}) select ${credit.columns} from ${credit.from('$6')} row)
     update invoices set ${invoice.assignments('written', KEPT)}
     from written where invoices.id = written.id and invoices.id = any($5::uuid[])
     returning invoices.id`,
    [
      invoice.parameter(invoices.map((one) => one.invoice)),
      subscription.parameter(invoices.flatMap(({ subscriptions }) => subscriptions)),
      fee.parameter(invoices.flatMap(({ fees }) => fees)),
      tax.parameter(invoices.flatMap(({ taxes }) => taxes)),
      old,
      credit.parameter(invoices.flatMap(({ credits }) => credits)),
    ],
  );
  if (filled.length !== old.length) throw new Error(`of ${old.length} invoices ${filled.length} are there to fill`);
}

/** What invoices are that are there already, by their ids. They are held: nobody else changes them meanwhile. */
export async function heldStatuses(
  em: EntityManager,
  organizationId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, InvoiceStatus>> {
  if (ids.length === 0) return new Map();
  const rows = await sql<{ id: string; status: InvoiceStatus }>(
    em,
    `select id, status from invoices where organization_id = $1 and id = any($2::uuid[]) order by id
     for no key update`,
    [organizationId, ids],
  );
  return new Map(rows.map(({ id, status }) => [id, status]));
}

/** An item of a draft's credit note, with what its fee was. */
export interface UprootedRow {
  readonly creditNoteId: string;
  readonly preciseAmountCents: Decimal;
  readonly fee: FeePlace & { readonly amountCents: bigint };
}

/** What tells the fees of an invoice apart: the same of the fee that takes a fee's place. */
export type FeePlace = Pick<
  RowOf<'fees'>,
  'addOnId' | 'chargeFilterId' | 'chargeId' | 'feeType' | 'groupedBy' | 'subscriptionId'
> & { readonly isTrueUp: boolean };

/**
 * Deletes everything on invoices that is written anew with them, in one statement.
 *
 * @returns the items of credit notes that were on the fees, which are deleted too.
 */
export async function deleteLines(
  em: EntityManager,
  organizationId: string,
  ids: readonly string[],
): Promise<readonly UprootedRow[]> {
  if (ids.length === 0) return [];
  const rows = await sql<UprootedColumns>(
    em,
    `with lines as (
       delete from fees where organization_id = $1 and invoice_id = any($2::uuid[])
       returning id, amount_cents, fee_type, subscription_id, charge_id, charge_filter_id, grouped_by, add_on_id,
                 true_up_parent_fee_id),
     windows as (delete from invoice_subscriptions where organization_id = $1 and invoice_id = any($2::uuid[])),
     taxes as (delete from invoice_applied_taxes where organization_id = $1 and invoice_id = any($2::uuid[])),
     errors as (delete from invoice_errors where organization_id = $1 and invoice_id = any($2::uuid[])),
     items as (
       delete from credit_note_items using lines where credit_note_items.fee_id = lines.id
       returning credit_note_items.credit_note_id, credit_note_items.fee_id, credit_note_items.precise_amount_cents)
     select items.credit_note_id as "creditNoteId", items.precise_amount_cents as "preciseAmountCents",
            lines.amount_cents as "amountCents", lines.fee_type as "feeType",
            lines.subscription_id as "subscriptionId", lines.charge_id as "chargeId",
            lines.charge_filter_id as "chargeFilterId", lines.grouped_by as "groupedBy",
            lines.add_on_id as "addOnId", lines.true_up_parent_fee_id is not null as "isTrueUp"
     from items join lines on lines.id = items.fee_id`,
    [organizationId, ids],
  );
  return rows.map(({ creditNoteId, preciseAmountCents, amountCents, ...place }) => ({
    creditNoteId,
    preciseAmountCents: new Decimal(preciseAmountCents),
    fee: { ...place, amountCents: BigInt(amountCents) },
  }));
}

interface UprootedColumns extends FeePlace {
  readonly creditNoteId: string;
  readonly preciseAmountCents: string;
  readonly amountCents: string;
}

/** The number of an invoice, and its places in the sequences that it comes from. */
export interface NumberedRow {
  readonly id: string;
  readonly number: string;
  readonly sequentialId: number;
  /** null: it is numbered per customer. */
  readonly entitySequentialId: number | null;
}

/** Gives invoices their numbers, in one statement. */
export async function numberInvoices(em: EntityManager, numbered: readonly NumberedRow[]): Promise<void> {
  if (numbered.length === 0) return;
  await sql(
    em,
    `update invoices set number = given.number, sequential_id = given.sequential_id,
       entity_sequential_id = given.entity_sequential_id
     from unnest($1::uuid[], $2::text[], $3::int[], $4::int[])
       as given (id, number, sequential_id, entity_sequential_id)
     where invoices.id = given.id`,
    [
      numbered.map(({ id }) => id),
      numbered.map(({ number }) => number),
      numbered.map(({ sequentialId }) => sequentialId),
      numbered.map(({ entitySequentialId }) => entitySequentialId),
    ],
  );
}
