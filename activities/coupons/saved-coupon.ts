import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import type { CouponLimits } from '../../billing/coupons/coupon-target.ts';
import { notFound } from '../../billing/refusal.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { wantActsAgain } from '../../db/acts/want-acts.ts';
import { Coupon } from '../../db/entities/coupons/coupon.ts';
import { CouponTarget } from '../../db/entities/coupons/coupon-target.ts';
import { BillableMetric } from '../../db/entities/usage/billable-metric.ts';
import { Plan } from '../../db/entities/plans/plan.ts';
import type { BillingScope, CommandScope } from '../command-scope.ts';
import { expireCouponAct } from './expire-coupon-act.ts';

/** Codes of what a coupon is limited to. */
export interface LimitCodes {
  readonly planCodes: readonly string[];
  readonly metricCodes: readonly string[];
}

/** What a command has made of a coupon, and the acts to start for it. */
export interface SavedCoupon {
  readonly coupon: Coupon;
  readonly acts: readonly WantedAct[];
}

/**
 * A coupon as it stays until the end of the transaction: nobody is given it meanwhile.
 *
 * @throws Refusal 404 `coupon_not_found`.
 */
export async function lockCoupon(em: EntityManager, code: string): Promise<Coupon> {
  const coupon = await em.findOne(Coupon, { code, deletedAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!coupon) throw notFound('coupon');
  return coupon;
}

/**
 * The plans of the catalogue and the metrics that have these codes.
 *
 * @throws Refusal 404 `plans_not_found`, `billable_metrics_not_found` where one has none.
 */
export async function limitsOfCodes(em: EntityManager, { planCodes, metricCodes }: LimitCodes): Promise<CouponLimits> {
  const codes = { plans: [...new Set(planCodes)], metrics: [...new Set(metricCodes)] };
  const plans =
    codes.plans.length === 0 ? [] : await em.find(Plan, { code: codes.plans, parentId: null, deletedAt: null });
  if (plans.length < codes.plans.length) throw notFound('plans');
  const metrics =
    codes.metrics.length === 0 ? [] : await em.find(BillableMetric, { code: codes.metrics, deletedAt: null });
  if (metrics.length < codes.metrics.length) throw notFound('billable_metrics');
  return { planIds: plans.map(({ id }) => id), metricIds: metrics.map(({ id }) => id) };
}

/** Limits a coupon that is flushed to plans or metrics; its rows are written with the next flush. */
export function limitTo(
  em: EntityManager,
  { organizationId }: CommandScope,
  { id: couponId }: Coupon,
  { planIds, metricIds }: CouponLimits,
): void {
  for (const planId of planIds) {
    em.create(CouponTarget, { couponId, targetId: planId, organizationId, planId, billableMetricId: null });
  }
  for (const billableMetricId of metricIds) {
    em.create(CouponTarget, { couponId, targetId: billableMetricId, organizationId, planId: null, billableMetricId });
  }
}

/**
 * Has the workflow of a coupon's end look at it: to wait for another moment than before, or to end.
 *
 * @returns the act, for the request to start.
 */
export async function wantExpiration(
  em: EntityManager,
  { organizationId, now, hasTestClock }: BillingScope,
  { id: couponId, expirationAt }: Coupon,
): Promise<readonly WantedAct[]> {
  const act = expireCouponAct({ organizationId, couponId, hasTestClock, dueAt: expirationAt ?? now });
  await wantActsAgain(em, [act], now, { startedBy: 'writer' });
  return [act];
}
