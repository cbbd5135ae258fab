import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { isOver } from '../../billing/coupons/coupon.ts';
import { appliedValue, type CouponOverrides } from '../../billing/coupons/coupon-terms.ts';
import { overlaps, type CouponLimits } from '../../billing/coupons/coupon-target.ts';
import { invalid, notAllowed, notFound } from '../../billing/refusal.ts';
import { AppliedCoupon } from '../../db/entities/coupons/applied-coupon.ts';
import { Coupon } from '../../db/entities/coupons/coupon.ts';
import { CouponTarget } from '../../db/entities/coupons/coupon-target.ts';
import { couponsOfCustomer, metricsOfPlans } from '../../db/queries/coupons/coupons-of-customer.ts';
import type { CommandScope } from '../command-scope.ts';
import { holdCustomer } from '../customers/hold-customer.ts';
import { couponValueOf } from './coupon-value.ts';

export interface ApplyCoupon {
  readonly externalCustomerId: string;
  readonly couponCode: string;
  readonly overrides: CouponOverrides;
}

/** Coupons that a customer can have at once: an invoice looks at each of them. */
const ACTIVE_MAX = 1000;

/**
 * Gives a customer a coupon, in the caller's transaction and under the customer's lock (spec, money 2.2). A customer
 * without a currency gets that of a fixed amount.
 *
 * @throws Refusal 404 `customer_not_found`, `coupon_not_found` also for one that is over; 405 `plan_overlapping`; 422
 * `coupon: coupon_is_not_reusable`, `base: exceeded_limit`, as `appliedValue`, `lock_acquisition_failed`.
 */
export async function applyCoupon(
  em: EntityManager,
  { organizationId, now }: CommandScope,
  { externalCustomerId, couponCode, overrides }: ApplyCoupon,
): Promise<AppliedCoupon> {
  const customer = await holdCustomer(em, externalCustomerId);
  if (!customer) throw notFound('customer');
  // Its terms and its end wait until this is committed.
  const coupon = await em.findOne(
    Coupon,
    { code: couponCode, deletedAt: null },
    { lockMode: LockMode.PESSIMISTIC_READ, refresh: true },
  );
  if (!coupon || isOver(coupon, now)) throw notFound('coupon');
  const others = await couponsOfCustomer(em, organizationId, customer.id, coupon.id);
  const active = others.filter(({ isActive }) => isActive);
  if (await meets(em, coupon, active)) throw notAllowed('plan_overlapping');
  if (!coupon.reusable && others.some(({ couponId }) => couponId === coupon.id)) {
    throw invalid({ coupon: ['coupon_is_not_reusable'] });
  }
  if (active.length >= ACTIVE_MAX) throw invalid({ base: ['exceeded_limit'] });
  const value = appliedValue(couponValueOf(coupon), overrides);
  if (customer.currency == null && value.amountCurrency !== null) {
    em.assign(customer, { currency: value.amountCurrency, updatedAt: now });
  }
  const { couponType: _, ...frozen } = value;
  const applied = em.create(AppliedCoupon, {
    id: v7(),
    organizationId,
    customerId: customer.id,
    couponId: coupon.id,
    status: 'active',
    ...frozen,
    frequencyDurationRemaining: value.frequencyDuration,
    createdAt: now,
    updatedAt: now,
  });
  await em.flush();
  return applied;
}

async function meets(em: EntityManager, coupon: Coupon, active: readonly CouponLimits[]): Promise<boolean> {
  const targets = await em.find(CouponTarget, { couponId: coupon.id });
  const limits: CouponLimits = {
    planIds: targets.flatMap(({ planId }) => planId ?? []),
    metricIds: targets.flatMap(({ billableMetricId }) => billableMetricId ?? []),
  };
  if (targets.length === 0 || active.length === 0) return false;
  const planIds = [limits, ...active].flatMap((one) => one.planIds);
  const charged = await metricsOfPlans(em, coupon.organizationId, [...new Set(planIds)]);
  return active.some((other) => overlaps(limits, other, charged));
}
