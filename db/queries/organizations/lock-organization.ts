import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/**
 * Holds an organization's row to the end of the transaction: changes of what belongs to the organization as a whole
 * take turns. Rows that reference the organization do not wait for it.
 */
export async function lockOrganization(em: EntityManager, organizationId: string): Promise<void> {
  await sql(em, 'select 1 from organizations where id = $1 for no key update', [organizationId]);
}
