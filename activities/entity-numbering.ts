import type { EntityManager } from '@mikro-orm/postgresql';
import { nextEntitySequence } from '../billing/invoices/invoice-number.ts';
import { sql } from '../db/sql.ts';

/** How an entity numbers the invoice that becomes final now. */
export interface TakenNumbering {
  readonly prefix: string;
  /** The entity's zone, in which the month of a number is told. */
  readonly timezone: string;
  /** null: the invoice is numbered per customer. */
  readonly entitySequence: number | null;
}

/** A switch of the numbering between two of the statements below is seen by the next try; more than one is unheard of. */
const TRIES = 5;

/**
 * Takes the next number of an entity, or makes sure that it numbers per customer, in the last moments of the transaction that
 * makes an invoice final (spec, subscriptions-and-invoices 6.5).
 *
 * The entity's row is read here and not before, because its settings may have changed meanwhile. Per entity, invoices take turns
 * on that row. Per customer, they hold it against a switch until their commit and not against each other: whoever switches counts
 * every invoice so far, so that none may be on its way. Neither way asks for a lock, and then for a stronger one.
 *
 * @param selfBilled such an invoice is numbered per customer and counted nowhere: it holds nothing.
 */
export async function takeNumbering(
  em: EntityManager,
  billingEntityId: string,
  selfBilled: boolean,
): Promise<TakenNumbering> {
  for (let left = TRIES; left > 0; left--) {
    const taken = selfBilled
      ? await read(em, billingEntityId, '')
      : ((await takeSequence(em, billingEntityId)) ??
        (await read(em, billingEntityId, `and document_numbering = 'per_customer' for share`)));
    if (taken) return taken;
  }
  throw new Error(`billing entity ${billingEntityId} changes its numbering all the time`);
}

async function takeSequence(em: EntityManager, id: string): Promise<TakenNumbering | undefined> {
  const [row] = await sql<TakenNumbering>(
    em,
    `update billing_entities set invoice_sequence = invoice_sequence + 1
     where id = $1 and document_numbering = 'per_billing_entity'
     returning document_number_prefix as prefix, timezone, invoice_sequence as "entitySequence"`,
    [id],
  );
  return row;
}

async function read(em: EntityManager, id: string, condition: string): Promise<TakenNumbering | undefined> {
  const [row] = await sql<Omit<TakenNumbering, 'entitySequence'>>(
    em,
    `select document_number_prefix as prefix, timezone from billing_entities where id = $1 ${condition}`,
    [id],
  );
  return row && { ...row, entitySequence: null };
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
