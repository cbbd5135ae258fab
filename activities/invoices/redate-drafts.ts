import type { EntityManager } from '@mikro-orm/postgresql';
import { parseLocalDate } from '../../billing/calendar/local-date.ts';
import { draftDates, hasDates, type DatedDraft } from '../../billing/invoices/draft-dates.ts';
import { dateSettings, type InvoiceDateSettings } from '../../billing/invoices/invoice-dates.ts';
import { dueFinalizations, moveDrafts } from '../../db/acts/finalizations.ts';
import { wakeActs } from '../../db/acts/wake-acts.ts';
import { sql } from '../../db/sql.ts';
import { finalizationMoment } from './finalize-act.ts';

/** Which drafts: one, or those of a customer or a billing entity that come after another, in the order of their ids. */
export type DraftSelection =
  | { readonly invoiceId: string }
  | (({ readonly customerId: string } | { readonly billingEntityId: string }) & { readonly after: string });

/** Drafts that are moved in one transaction. */
const PAGE = 1000;

export interface RedatedDrafts {
  /** The last one of the page; null: that was all. */
  readonly last: string | null;
  /** Those that have moved. */
  readonly moved: readonly string[];
  /** Those of them that become final on another day. */
  readonly rescheduled: readonly string[];
}

interface DraftRow {
  readonly id: string;
  readonly issuingDate: string;
  readonly paymentDueDate: string;
  readonly expectedFinalizationDate: string;
  readonly netPaymentTerm: number;
  readonly appliedGracePeriod: number;
  readonly recurring: boolean;
  readonly own: { [Setting in keyof InvoiceDateSettings]: InvoiceDateSettings[Setting] | null };
  readonly entity: InvoiceDateSettings;
}

const settingsOf = (table: string): string => `jsonb_build_object(
  'invoiceGracePeriod', ${table}.invoice_grace_period, 'netPaymentTerm', ${table}.net_payment_term,
  'subscriptionInvoiceIssuingDateAnchor', ${table}.subscription_invoice_issuing_date_anchor,
  'subscriptionInvoiceIssuingDateAdjustment', ${table}.subscription_invoice_issuing_date_adjustment)`;

const NO_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Moves drafts, and the moments at which they become final, to where the settings of now put them; those that are there already
 * stay untouched, so it may run any number of times (spec, subscriptions-and-invoices 6.6; S048 to S050). Three statements,
 * however many drafts. The settings are those of the customer, else of the issuer, as they are in the database.
 *
 * @param now the organization's clock, the time of the change.
 */
export async function redateDrafts(
  em: EntityManager,
  organizationId: string,
  selection: DraftSelection,
  now: Date,
): Promise<RedatedDrafts> {
  const rows = await loadDrafts(em, organizationId, selection);
  const moved = rows.flatMap((row) => {
    const draft = datedDraft(row);
    const dates = draftDates(draft, dateSettings(row.own, row.entity));
    const isRescheduled = !draft.expectedFinalizationDate.equals(dates.expectedFinalizationDate);
    return hasDates(draft, dates) ? [] : [{ id: row.id, dates, isRescheduled }];
  });
  if (moved.length > 0) {
    const drafts = moved.map(({ id, dates }) => ({
      id,
      issuingDate: dates.issuingDate.toString(),
      paymentDueDate: dates.paymentDueDate.toString(),
      expectedFinalizationDate: dates.expectedFinalizationDate.toString(),
      netPaymentTerm: dates.netPaymentTerm,
      appliedGracePeriod: dates.appliedGracePeriod,
      dueAt: finalizationMoment(dates.expectedFinalizationDate.toString()),
    }));
    await moveDrafts(em, organizationId, drafts, now);
  }
  return {
    last: rows.length === PAGE ? rows.at(-1)!.id : null,
    moved: moved.map(({ id }) => id),
    rescheduled: moved.filter(({ isRescheduled }) => isRescheduled).map(({ id }) => id),
  };
}

const datedDraft = (row: DraftRow): DatedDraft => ({
  ...row,
  issuingDate: parseLocalDate(row.issuingDate),
  paymentDueDate: parseLocalDate(row.paymentDueDate),
  expectedFinalizationDate: parseLocalDate(row.expectedFinalizationDate),
});

/** A statement of its own for each kind of selection, so that each is planned by the index that fits. */
const selected = (selection: DraftSelection) =>
  'invoiceId' in selection
    ? { condition: 'id = $3', id: selection.invoiceId, after: '' }
    : 'customerId' in selection
      ? { condition: 'customer_id = $3', id: selection.customerId, after: selection.after }
      : { condition: 'billing_entity_id = $3', id: selection.billingEntityId, after: selection.after };

/**
 * The drafts are held until the end of the transaction, in one order, so that two never wait for each other. They are read by a
 * statement after that: whoever held them before may have changed the settings too. Those of a deleted customer keep their
 * moment, five minutes after its deletion.
 */
async function loadDrafts(em: EntityManager, organizationId: string, selection: DraftSelection): Promise<DraftRow[]> {
  const { condition, id: selectedId, after } = selected(selection);
  const held = await sql<{ id: string }>(
    em,
    `select id from invoices
     where organization_id = $1 and status = 'draft' and id > $2::uuid and ${condition}
       and not exists (select from customers where customers.id = invoices.customer_id and customers.deleted_at is not null)
     order by id limit ${PAGE}
     for no key update`,
    [organizationId, after === '' ? NO_ID : after, selectedId],
  );
  if (held.length === 0) return [];
  return sql<DraftRow>(
    em,
    `select invoices.id, invoices.issuing_date::text as "issuingDate", invoices.payment_due_date::text as "paymentDueDate",
            invoices.expected_finalization_date::text as "expectedFinalizationDate",
            invoices.net_payment_term as "netPaymentTerm", invoices.applied_grace_period as "appliedGracePeriod",
            exists (select from invoice_subscriptions row where row.invoice_id = invoices.id and row.recurring) as recurring,
            ${settingsOf('customers')} as own, ${settingsOf('billing_entities')} as entity
     from invoices join customers on customers.id = invoices.customer_id
       join billing_entities on billing_entities.id = invoices.billing_entity_id
     where invoices.organization_id = $1 and invoices.id = any($2::uuid[])
     order by invoices.id`,
    [organizationId, held.map(({ id }) => id)],
  );
}

/**
 * Has those of some drafts made final that are due by now, in the background (spec, subscriptions-and-invoices 6.6): under a test
 * clock too, which else wakes them at its next move.
 *
 * @param now the organization's clock.
 */
export async function wakeDueDrafts(
  em: EntityManager,
  organizationId: string,
  invoiceIds: readonly string[],
  now: Date,
): Promise<void> {
  if (invoiceIds.length === 0) return;
  await wakeActs(em, await dueFinalizations(em, organizationId, invoiceIds, now));
}
