import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/** A plan or metric that a coupon is limited to (spec, money 2.1). */
export const CouponTarget = defineEntity({
  name: 'CouponTarget',
  tableName: 'coupon_targets',
  properties: {
    couponId: p.uuid().primary(),
    /** The one of the ids below that is not null. */
    targetId: p.uuid().primary(),
    organizationId: p.uuid(),
    planId: p.uuid().nullable(),
    billableMetricId: p.uuid().nullable(),
  },
  checks: [
    {
      name: 'coupon_targets_target',
      expression: 'num_nonnulls(plan_id, billable_metric_id) = 1 and target_id = coalesce(plan_id, billable_metric_id)',
    },
  ],
});
export type CouponTarget = InferEntity<typeof CouponTarget>;
