import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** Whether invoices of a billing entity bear numbers. */
export async function hasGivenNumbers(em: EntityManager, billingEntityId: string): Promise<boolean> {
  const rows = await sql(em, 'select 1 from invoice_sequences where billing_entity_id = $1 limit 1', [billingEntityId]);
  return rows.length > 0;
}
