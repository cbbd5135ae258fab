import type { EntityManager } from '@mikro-orm/postgresql';
import { parseLocalDate } from '../../../billing/calendar/local-date.ts';
import type { DatedDraft } from '../../../billing/invoices/draft-dates.ts';
import type { CustomerDateSettings, InvoiceDateSettings } from '../../../billing/invoices/invoice-dates.ts';
import { sql } from '../../sql.ts';
import { BEFORE_ALL_IDS } from '../before-all-ids.ts';

/**
 * Which drafts: some, or those of a customer or a billing entity that come after another, in the order of their ids.
 */
export type DraftSelection =
  | { readonly invoiceIds: readonly string[] }
  | (({ readonly customerId: string } | { readonly billingEntityId: string }) & { readonly after: string });

/** A draft with its dates, and the settings of now that decide on them. */
export interface DraftToDate {
  readonly id: string;
  readonly draft: DatedDraft;
  /** The customer's. */
  readonly own: CustomerDateSettings;
  /** The issuer's. */
  readonly entity: InvoiceDateSettings;
}

interface DraftRow {
  readonly id: string;
  readonly issuingDate: string;
  readonly paymentDueDate: string;
  readonly expectedFinalizationDate: string;
  readonly netPaymentTerm: number;
  readonly appliedGracePeriod: number;
  readonly recurring: boolean;
  readonly own: CustomerDateSettings;
  readonly entity: InvoiceDateSettings;
}

const settingsOf = (table: string): string => `jsonb_build_object(
  'invoiceGracePeriod', ${table}.invoice_grace_period, 'netPaymentTerm', ${table}.net_payment_term,
  'subscriptionInvoiceIssuingDateAnchor', ${table}.subscription_invoice_issuing_date_anchor,
  'subscriptionInvoiceIssuingDateAdjustment', ${table}.subscription_invoice_issuing_date_adjustment)`;

const datedDraft = (row: Omit<DraftRow, 'id' | 'own' | 'entity'>): DatedDraft => ({
  ...row,
  issuingDate: parseLocalDate(row.issuingDate),
  paymentDueDate: parseLocalDate(row.paymentDueDate),
  expectedFinalizationDate: parseLocalDate(row.expectedFinalizationDate),
});

/** A statement of its own for each kind of selection, so that each is planned by the index that fits. */
const selected = (selection: DraftSelection) =>
  'invoiceIds' in selection
    ? { condition: 'id = any($3::uuid[])', id: selection.invoiceIds, after: '' }
    : 'customerId' in selection
      ? { condition: 'customer_id = $3', id: selection.customerId, after: selection.after }
      : { condition: 'billing_entity_id = $3', id: selection.billingEntityId, after: selection.after };

/**
 * Drafts with what decides on their dates. They are held until the end of the transaction, in one order, so that two
 * never wait for each other, and read by a statement after that: whoever held them before may have changed the settings
 * too. Those of a deleted customer keep their moment, five minutes after its deletion.
 */
export async function draftsToDate(
  em: EntityManager,
  organizationId: string,
  selection: DraftSelection,
  limit: number,
): Promise<readonly DraftToDate[]> {
  const { condition, id: selectedId, after } = selected(selection);
  const held = await sql<{ id: string }>(
    em,
    `select id from invoices
     where organization_id = $1 and status = 'draft' and id > $2::uuid and ${condition}
       and not exists (select from customers where customers.id = invoices.customer_id
                         and customers.deleted_at is not null)
     order by id limit $4
     for no key update`,
    [organizationId, after === '' ? BEFORE_ALL_IDS : after, selectedId, limit],
  );
  if (held.length === 0) return [];
  const rows = await sql<DraftRow>(
    em,
    `select invoices.id, invoices.issuing_date::text as "issuingDate",
            invoices.payment_due_date::text as "paymentDueDate",
            invoices.expected_finalization_date::text as "expectedFinalizationDate",
            invoices.net_payment_term as "netPaymentTerm", invoices.applied_grace_period as "appliedGracePeriod",
            exists (select from invoice_subscriptions row
                    where row.invoice_id = invoices.id and row.recurring) as recurring,
            ${settingsOf('customers')} as own, ${settingsOf('billing_entities')} as entity
     from invoices join customers on customers.id = invoices.customer_id
       join billing_entities on billing_entities.id = invoices.billing_entity_id
     where invoices.organization_id = $1 and invoices.id = any($2::uuid[])
     order by invoices.id`,
    [organizationId, held.map(({ id }) => id)],
  );
  return rows.map(({ id, own, entity, ...row }) => ({ id, own, entity, draft: datedDraft(row) }));
}
