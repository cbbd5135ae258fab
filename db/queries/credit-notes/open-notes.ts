import type { EntityManager } from '@mikro-orm/postgresql';
import type { OpenNote } from '../../../billing/credit-notes/use-notes.ts';
import { sql } from '../../sql.ts';

/** SQL: whether a credit note has something left that can pay invoices (spec, money 3.8). */
export const IS_OPEN_NOTE = `credit_notes.status = 'finalized' and credit_notes.credit_status = 'available'
  and credit_notes.balance_amount_cents > 0`;

/** The open credit notes of customers, by customer, oldest first: one statement. Call it under the customers' locks. */
export async function openNotes(
  em: EntityManager,
  organizationId: string,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, readonly OpenNote[]>> {
  const rows = await sql<{
    customerId: string;
    id: string;
    invoiceId: string;
    currency: string;
    balanceCents: string;
  }>(
    em,
    `select customer_id as "customerId", id, invoice_id as "invoiceId", currency,
            balance_amount_cents as "balanceCents"
     from credit_notes
     where organization_id = $1 and customer_id = any($2::uuid[]) and ${IS_OPEN_NOTE}
     order by created_at, id`,
    [organizationId, customerIds],
  );
  const found = new Map<string, OpenNote[]>();
  for (const { customerId, balanceCents, ...note } of rows) {
    found.set(customerId, [...(found.get(customerId) ?? []), { ...note, balanceCents: BigInt(balanceCents) }]);
  }
  return found;
}
