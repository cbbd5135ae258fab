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
  readonly customerId: string;
  readonly billingEntityId: string;
  /** Such an invoice is numbered per customer, and the entity does not count it. */
  readonly selfBilled: boolean;
}

/**
 * Takes the next numbers of customers and of their entities, for many invoices in one statement. Per entity, invoices
 * take turns on its row; per customer, they hold it against a switch of the numbering until their commit and not
 * against each other. Rows are held in the order of their ids, so that two of these statements never wait for each
 * other. Invoices of one customer and entity are numbered in their order.
 *
 * @returns in the order of the invoices; undefined for those whose entity has switched its numbering just while this
 * statement waited for its row.
 */
export async function nextNumbers(
  em: EntityManager,
  organizationId: string,
  invoices: readonly NumberedInvoice[],
): Promise<readonly (TakenNumbers | undefined)[]> {
  const rows = await sql<TakenNumbers & { readonly place: number }>(
    em,
    `with asked as materialized (
       select customer_id, entity_id, self_billed, place::int as place
       from unnest($2::uuid[], $3::uuid[], $4::boolean[]) with ordinality
         as asked (customer_id, entity_id, self_billed, place)),
     counting as (
       select entity_id, count(*)::int as invoices from asked where not self_billed group by entity_id),
     in_turn as materialized (
       select id from billing_entities
       where organization_id = $1 and document_numbering = 'per_billing_entity'
         and id in (select entity_id from counting)
       order by id for no key update),
     counted as (
       update billing_entities set invoice_sequence = invoice_sequence + counting.invoices
       from counting join in_turn on in_turn.id = counting.entity_id
       where billing_entities.id = in_turn.id
       returning billing_entities.id, false as self_billed, document_number_prefix as prefix, timezone,
         invoice_sequence - counting.invoices as entity_base),
     held as (
       select id, false as self_billed, document_number_prefix as prefix, timezone, null::int as entity_base
       from billing_entities
       where organization_id = $1 and document_numbering = 'per_customer' and id in (select entity_id from counting)
       order by id for share),
     left_out as (
       select id, true as self_billed, document_number_prefix as prefix, timezone, null::int as entity_base
       from billing_entities
       where organization_id = $1 and id in (select entity_id from asked where self_billed)),
     entity as (select * from counted union all select * from held union all select * from left_out),
     own as (
       insert into invoice_sequences (organization_id, customer_id, billing_entity_id, sequence)
       select $1::uuid, customer_id, entity_id, count(*)
       from asked join entity on entity.id = asked.entity_id and entity.self_billed = asked.self_billed
       group by customer_id, entity_id order by customer_id, entity_id
       on conflict (customer_id, billing_entity_id)
         do update set sequence = invoice_sequences.sequence + excluded.sequence
       returning customer_id, billing_entity_id as entity_id, sequence)
     select asked.place, entity.prefix, entity.timezone,
       (own.sequence + 1 - row_number() over (
         partition by asked.customer_id, asked.entity_id order by asked.place desc))::int as "sequentialId",
       (entity.entity_base + row_number() over (
         partition by asked.entity_id, asked.self_billed order by asked.place))::int as "entitySequence"
     from asked join entity on entity.id = asked.entity_id and entity.self_billed = asked.self_billed
       join own on own.customer_id = asked.customer_id and own.entity_id = asked.entity_id`,
    [
      organizationId,
      invoices.map(({ customerId }) => customerId),
      invoices.map(({ billingEntityId }) => billingEntityId),
      invoices.map(({ selfBilled }) => selfBilled),
    ],
  );
  const taken = new Map(rows.map(({ place, ...numbers }) => [place, numbers]));
  return invoices.map((_, index) => taken.get(index + 1));
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
