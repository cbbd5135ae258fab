import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** Whether a subscription has, or had, this plan or an override of it. */
export async function hasSubscriptions(em: EntityManager, organizationId: string, planId: string): Promise<boolean> {
  const rows = await sql(
    em,
    `select 1 from subscriptions
     where organization_id = $1
       and plan_id in (select id from plans where organization_id = $1 and (id = $2 or parent_id = $2))
     limit 1`,
    [organizationId, planId],
  );
  return rows.length > 0;
}
