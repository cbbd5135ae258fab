import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** What a coupon is limited to, as it is shown: codes in their order, also of what was deleted since. */
export interface ShownLimits {
  readonly planCodes: readonly string[];
  readonly metricCodes: readonly string[];
}

const NO_LIMITS: ShownLimits = { planCodes: [], metricCodes: [] };

/** What coupons are limited to, by coupon: one statement. */
export async function shownLimits(
  em: EntityManager,
  organizationId: string,
  couponIds: readonly string[],
): Promise<(couponId: string) => ShownLimits> {
  const rows = await sql<ShownLimits & { readonly couponId: string }>(
    em,
    `select targets.coupon_id as "couponId",
            coalesce(jsonb_agg(plans.code order by plans.code) filter (where plans.id is not null), '[]')
              as "planCodes",
            coalesce(jsonb_agg(metrics.code order by metrics.code) filter (where metrics.id is not null), '[]')
              as "metricCodes"
     from coupon_targets targets
     left join plans on plans.id = targets.plan_id
     left join billable_metrics metrics on metrics.id = targets.billable_metric_id
     where targets.organization_id = $1 and targets.coupon_id = any($2::uuid[])
     group by targets.coupon_id`,
    [organizationId, couponIds],
  );
  const found = new Map(rows.map(({ couponId, ...limits }) => [couponId, limits]));
  return (couponId) => found.get(couponId) ?? NO_LIMITS;
}
