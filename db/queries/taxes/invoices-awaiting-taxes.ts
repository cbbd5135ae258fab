import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** A customer's invoices that became final but for their taxes, oldest first. */
export async function invoicesAwaitingTaxes(
  em: EntityManager,
  organizationId: string,
  customerId: string,
): Promise<readonly string[]> {
  const rows = await sql<{ id: string }>(
    em,
    `select id from invoices
     where organization_id = $1 and customer_id = $2 and status = 'pending' and tax_status = 'pending'
     order by created_at, id`,
    [organizationId, customerId],
  );
  return rows.map(({ id }) => id);
}
