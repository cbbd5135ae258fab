import type { EntityManager } from '@mikro-orm/postgresql';
import { nextEntitySequence } from '../../billing/invoices/invoice-number.ts';
import { sql } from '../../db/sql.ts';

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

/** A switch of the numbering just while a statement waits for it is seen by the next try; more than one is unheard of. */
const TRIES = 5;

/**
 * Takes the next numbers of a customer and of an entity, in the last moments of the transaction that makes an invoice final (spec,
 * subscriptions-and-invoices 6.5). Call it under the customer's lock.
 *
 * The entity's row is read here and not before, because its settings may have changed meanwhile. Per entity, invoices take turns
 * on that row. Per customer, they hold it against a switch until their commit and not against each other: whoever switches counts
 * every invoice so far, so that none may be on its way. Neither way asks for a lock, and then for a stronger one.
 */
export async function takeNumbers(em: EntityManager, invoice: NumberedInvoice): Promise<TakenNumbers> {
  const { organizationId, customerId, billingEntityId, selfBilled } = invoice;
  for (let left = TRIES; left > 0; left--) {
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
    if (taken) return taken;
  }
  throw new Error(`billing entity ${billingEntityId} changes its numbering all the time`);
}

/**
 * Lets an entity go on numbering its own invoices where all of them have come to: those finalized or voided that are not
 * self-billed. The caller holds the entity's row, and has just switched it from numbering per customer. A number given out is
 * never given out again.
 */
export async function startEntityNumbering(
  em: EntityManager,
  { id, organizationId }: { readonly id: string; readonly organizationId: string },
): Promise<void> {
  const counted = `organization_id = $1 and billing_entity_id = $2 and status in ('finalized', 'voided') and not self_billed`;
  // Of invoices finalized at one moment of a test clock one without a sequence counts as the last: by the count, which is then
  // right whichever it was.
  const [row] = await sql<{ count: number; last: number | null }>(
    em,
    `select count(*)::int as count,
       (select entity_sequential_id from invoices where ${counted}
        order by finalized_at desc nulls last, entity_sequential_id nulls first limit 1) as last
     from invoices where ${counted}`,
    [organizationId, id],
  );
  const next = nextEntitySequence(row?.last ?? null, row?.count ?? 0);
  await sql(
    em,
    `update billing_entities set invoice_sequence = greatest(invoice_sequence, $3)
     where organization_id = $1 and id = $2`,
    [organizationId, id, next - 1],
  );
}
