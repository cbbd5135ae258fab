import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/**
 * Holds an invoice's row to the end of the transaction, against changes of the entity's settings, which take no
 * customer's lock.
 */
export async function lockInvoiceRow(em: EntityManager, invoiceId: string): Promise<void> {
  await sql(em, 'select 1 from invoices where id = $1 for no key update', [invoiceId]);
}

/** Says of drafts that they are to be made anew; of anything else nothing. */
export async function flagDrafts(em: EntityManager, ids: readonly string[]): Promise<void> {
  await sql(em, `update invoices set ready_to_be_refreshed = true where id = any($1::uuid[]) and status = 'draft'`, [
    ids,
  ]);
}

/** Whether an invoice is a draft at this moment. */
export async function isDraft(em: EntityManager, invoiceId: string): Promise<boolean> {
  const rows = await sql(em, `select 1 from invoices where id = $1 and status = 'draft'`, [invoiceId]);
  return rows.length > 0;
}
