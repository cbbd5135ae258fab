import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** What the number of an invoice that becomes final now is made of. */
export interface TakenNumbers {
  /** The invoice's `sequential_id` for its customer and entity. */
  readonly sequentialId: number;
  /** null: the invoice is numbered per customer. */
  readonly entitySequence: number | null;
  readonly prefix: string;
  /** The entity's zone, in which the month of a number is told. */
  readonly timezone: string;
}

/** Whose invoice is numbered. */
export interface NumberedInvoice {
  readonly organizationId: string;
  readonly customerId: string;
  readonly billingEntityId: string;
  /** Such an invoice is numbered per customer, and the entity does not count it. */
  readonly selfBilled: boolean;
}

/**
 * Takes the next numbers of a customer and of an entity. Per entity, invoices take turns on its row; per customer, they
 * hold it against a switch of the numbering until their commit and not against each other.
 *
 * @returns undefined when the entity has switched its numbering just while this statement waited for its row.
 */
export async function nextNumbers(
  em: EntityManager,
  { organizationId, customerId, billingEntityId, selfBilled }: NumberedInvoice,
): Promise<TakenNumbers | undefined> {
  const [taken] = await sql<TakenNumbers>(
    em,
    `with counted as (
       update billing_entities set invoice_sequence = invoice_sequence + 1
       where id = $3 and document_numbering = 'per_billing_entity' and not $4::boolean
       returning document_number_prefix as prefix, timezone, invoice_sequence as "entitySequence"),
     held as (
       select document_number_prefix as prefix, timezone, null::int as "entitySequence" from billing_entities
       where id = $3 and ($4::boolean or document_numbering = 'per_customer') ${selfBilled ? '' : 'for share'}),
     entity as (select * from counted union all select * from held),
     own as (
       insert into invoice_sequences (organization_id, customer_id, billing_entity_id, sequence)
       select $1::uuid, $2::uuid, $3::uuid, 1 from entity
       on conflict (customer_id, billing_entity_id) do update set sequence = invoice_sequences.sequence + 1
       returning sequence as "sequentialId")
     select * from entity cross join own`,
    [organizationId, customerId, billingEntityId, selfBilled],
  );
  return taken;
}

interface NumberingEntity {
  readonly id: string;
  readonly organizationId: string;
}

/** The invoices that an entity's own sequence counts: those finalized or voided that are not self-billed. */
const COUNTED = `organization_id = $1 and billing_entity_id = $2 and status in ('finalized', 'voided')
  and not self_billed`;

/**
 * How many invoices an entity has, and the sequence of the one that was finalized last; null: it has none. Of invoices
 * finalized at one moment of a test clock one without a sequence counts as the last: by the count, which is then right
 * whichever it was.
 */
export async function countedInvoices(
  em: EntityManager,
  { id, organizationId }: NumberingEntity,
): Promise<{ readonly count: number; readonly last: number | null }> {
  const [row] = await sql<{ count: number; last: number | null }>(
    em,
    `select count(*)::int as count,
       (select entity_sequential_id from invoices where ${COUNTED}
        order by finalized_at desc nulls last, entity_sequential_id nulls first limit 1) as last
     from invoices where ${COUNTED}`,
    [organizationId, id],
  );
  return row ?? { count: 0, last: null };
}

/** Has an entity number on from a sequence, unless it has come further before. */
export async function advanceEntitySequence(
  em: EntityManager,
  { id, organizationId }: NumberingEntity,
  last: number,
): Promise<void> {
  await sql(
    em,
    `update billing_entities set invoice_sequence = greatest(invoice_sequence, $3)
     where organization_id = $1 and id = $2`,
    [organizationId, id, last],
  );
}
