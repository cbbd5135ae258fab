import type { EntityManager } from '@mikro-orm/postgresql';
import type { NoteUse } from '../../../billing/credit-notes/use-notes.ts';
import { HOLDS_CUSTOMER } from '../../customer-lock.ts';
import { sql } from '../../sql.ts';

/** What an invoice was paid with of its customer's credit notes. */
export interface DrawnNotes {
  readonly customerId: string;
  readonly uses: readonly NoteUse[];
}

/**
 * Takes from customers' credit notes what has paid their invoices, in one statement however many they are; one that has
 * nothing left is consumed.
 *
 * @param now the organization's clock.
 * @throws Error unless the transaction holds the customers' locks and each note still has what was taken from it: then
 * somebody else has used or voided it meanwhile.
 */
export async function drawOnNotes(
  em: EntityManager,
  organizationId: string,
  drawn: readonly DrawnNotes[],
  now: Date,
): Promise<void> {
  const uses = drawn.flatMap(({ customerId, uses: own }) => own.map((use) => ({ ...use, customerId })));
  const [row] = await sql<{ paid: number }>(
    em,
    `with customer as materialized (
       select id, ${HOLDS_CUSTOMER('asked.id')} as held from unnest($1::uuid[]) as asked (id)),
     paid as (
       update credit_notes set
         balance_amount_cents = used.after,
         credit_status = case when used.after = 0 then 'consumed' else credit_status end,
         updated_at = $7::timestamptz
       from unnest($3::uuid[], $4::uuid[], $5::bigint[], $6::bigint[]) as used (customer_id, id, amount, after)
         join customer on customer.id = used.customer_id
       where credit_notes.id = used.id and credit_notes.organization_id = $2
         and credit_notes.customer_id = used.customer_id and customer.held
         and credit_notes.status = 'finalized' and credit_notes.credit_status = 'available'
         and credit_notes.balance_amount_cents = used.amount + used.after
       returning 1)
     select count(*)::int as paid from paid`,
    [
      [...new Set(uses.map(({ customerId }) => customerId))],
      organizationId,
      uses.map(({ customerId }) => customerId),
      uses.map(({ creditNoteId }) => creditNoteId),
      uses.map(({ amountCents }) => amountCents.toString()),
      uses.map(({ balanceAfterCents }) => balanceAfterCents.toString()),
      now.toISOString(),
    ],
  );
  if (row?.paid === uses.length) return;
  throw new Error(
    `no_lock_acquired: of ${uses.length} credit notes ${row?.paid ?? 0} could pay; the others have changed`,
  );
}
