import type { EntityManager } from '@mikro-orm/postgresql';
import type { CouponLimits } from '../../../billing/coupons/coupon-target.ts';
import { sql } from '../../sql.ts';

/** A coupon that a customer has or has had, with what it is limited to. */
export interface CouponOfCustomer extends CouponLimits {
  readonly couponId: string;
  readonly isActive: boolean;
}

/** The coupons that a customer has, and those of the past that are the given one. */
export async function couponsOfCustomer(
  em: EntityManager,
  organizationId: string,
  customerId: string,
  couponId: string,
): Promise<readonly CouponOfCustomer[]> {
  return sql<CouponOfCustomer>(
    em,
    `select applied.coupon_id as "couponId", applied.status = 'active' as "isActive",
            coalesce((select jsonb_agg(plan_id) from coupon_targets
                      where coupon_id = applied.coupon_id and plan_id is not null), '[]') as "planIds",
            coalesce((select jsonb_agg(billable_metric_id) from coupon_targets
                      where coupon_id = applied.coupon_id and billable_metric_id is not null), '[]') as "metricIds"
     from applied_coupons applied
     where applied.organization_id = $1 and applied.customer_id = $2
       and (applied.status = 'active' or applied.coupon_id = $3)`,
    [organizationId, customerId, couponId],
  );
}

/** The metrics that the charges of plans bill, by plan. */
export async function metricsOfPlans(
  em: EntityManager,
  organizationId: string,
  planIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await sql<{ planId: string; metricIds: string[] }>(
    em,
    `select plan_id as "planId", jsonb_agg(distinct billable_metric_id) as "metricIds" from charges
     where organization_id = $1 and plan_id = any($2::uuid[]) and deleted_at is null group by plan_id`,
    [organizationId, planIds],
  );
  return new Map(rows.map(({ planId, metricIds }) => [planId, metricIds]));
}
