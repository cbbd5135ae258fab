import type { EntityManager } from '@mikro-orm/postgresql';
import { Plan } from '../../entities/plans/plan.ts';
import { sql } from '../../sql.ts';
import { joinedRows } from '../joined-rows.ts';

/**
 * Holds plans, and the metrics that they charge for, against changes until the end of the transaction.
 *
 * @returns the plans as they are now, by id.
 */
export async function heldPlans(
  em: EntityManager,
  organizationId: string,
  planIds: readonly string[],
): Promise<ReadonlyMap<string, Plan>> {
  const joined = joinedRows(em);
  const rows = await sql<Record<string, unknown>>(
    em,
    `select ${joined.columns(Plan, 'plan')} from plans plan
     where plan.organization_id = $1 and plan.id = any($2::uuid[]) order by plan.id for share`,
    [organizationId, planIds],
  );
  await sql(
    em,
    `select 1 from billable_metrics
     where organization_id = $1 and id = any(array(
       select billable_metric_id from charges
       where organization_id = $1 and plan_id = any($2::uuid[]) and deleted_at is null))
     order by id for share`,
    [organizationId, planIds],
  );
  return new Map(rows.map((row) => joined.take(Plan, 'plan', row)!).map((plan) => [plan.id, plan]));
}
