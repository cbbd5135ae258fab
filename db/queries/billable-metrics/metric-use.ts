import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** Whether any event has come for the code, with or without a metric. */
export async function hasEvents(em: EntityManager, organizationId: string, code: string): Promise<boolean> {
  const rows = await sql(em, 'select 1 from events where organization_id = $1 and code = $2 limit 1', [
    organizationId,
    code,
  ]);
  return rows.length > 0;
}

/** Whether a charge of a plan, or of an override, uses the metric. */
export async function isCharged(em: EntityManager, organizationId: string, billableMetricId: string): Promise<boolean> {
  const rows = await sql(
    em,
    `select 1 from charges join plans on plans.organization_id = charges.organization_id and plans.id = charges.plan_id
     where charges.organization_id = $1 and charges.billable_metric_id = $2
       and charges.deleted_at is null and plans.deleted_at is null
     limit 1`,
    [organizationId, billableMetricId],
  );
  return rows.length > 0;
}
