import type { EntityManager } from '@mikro-orm/postgresql';
import type { CouponTerms } from '../../billing/coupons/coupon.ts';
import { couponTerms } from '../../billing/coupons/coupon-terms.ts';
import { refuseTwoLimitations } from '../../billing/coupons/coupon-target.ts';
import { AppliedCoupon } from '../../db/entities/coupons/applied-coupon.ts';
import { Coupon } from '../../db/entities/coupons/coupon.ts';
import { CouponTarget } from '../../db/entities/coupons/coupon-target.ts';
import type { BillingScope } from '../command-scope.ts';
import { refuseTakenCode } from '../refuse-taken-code.ts';
import { couponValueOf } from './coupon-value.ts';
import {
  limitsOfCodes,
  limitTo,
  lockCoupon,
  wantExpiration,
  type LimitCodes,
  type SavedCoupon,
} from './saved-coupon.ts';

export interface UpdateCoupon {
  readonly name?: string;
  readonly code?: string;
  readonly description?: string | null;
  /** What is absent stays. */
  readonly terms: Partial<CouponTerms>;
  /** null: what is not named stays, unless the other kind of limits takes its place. */
  readonly limits: { readonly [Kind in keyof LimitCodes]: LimitCodes[Kind] | null };
}

/**
 * Changes a coupon in the caller's transaction. Once any customer has had it, what it takes off stays as it is: that is
 * left out without a word (spec, money 2.1).
 *
 * @throws Refusal 404 `coupon_not_found`, `plans_not_found`, `billable_metrics_not_found`; 422 as `couponTerms`, `code:
 * value_already_exist`; 405 `only_one_limitation_type_per_coupon_allowed`.
 */
export async function updateCoupon(
  em: EntityManager,
  scope: BillingScope,
  code: string,
  asked: UpdateCoupon,
): Promise<SavedCoupon> {
  const { now } = scope;
  const coupon = await lockCoupon(em, code);
  const isApplied = (await em.findOne(AppliedCoupon, { couponId: coupon.id }, { fields: ['id'] })) !== null;
  const { expiration, expirationAt } = asked.terms;
  const end = { ...(expiration !== undefined && { expiration }), ...(expirationAt !== undefined && { expirationAt }) };
  const terms = couponTerms(
    { ...termsOf(coupon), ...(isApplied ? end : asked.terms) },
    now,
    coupon.expirationAt ?? null,
  );
  const isMoved = (terms.expirationAt?.getTime() ?? null) !== (coupon.expirationAt?.getTime() ?? null);
  if (!isApplied) {
    if (asked.code !== undefined && asked.code !== coupon.code) {
      await refuseTakenCode(em, Coupon, { code: asked.code, deletedAt: null });
    }
    await changeLimits(em, scope, coupon, asked.limits);
  }
  em.assign(coupon, {
    ...(asked.name !== undefined && { name: asked.name }),
    ...(asked.description !== undefined && { description: asked.description }),
    ...(asked.code !== undefined && !isApplied && { code: asked.code }),
    ...terms,
    updatedAt: now,
  });
  await em.flush();
  return { coupon, acts: isMoved ? await wantExpiration(em, scope, coupon) : [] };
}

const termsOf = (coupon: Coupon): CouponTerms => ({
  ...couponValueOf(coupon),
  reusable: coupon.reusable,
  expiration: coupon.expiration,
  expirationAt: coupon.expirationAt ?? null,
});

/** A list takes the place of the one before, and that of the other kind if it limits at all. */
async function changeLimits(
  em: EntityManager,
  scope: BillingScope,
  coupon: Coupon,
  { planCodes, metricCodes }: UpdateCoupon['limits'],
): Promise<void> {
  if (planCodes === null && metricCodes === null) return;
  refuseTwoLimitations(planCodes ?? [], metricCodes ?? []);
  const limits = await limitsOfCodes(em, { planCodes: planCodes ?? [], metricCodes: metricCodes ?? [] });
  const before = await em.find(CouponTarget, { couponId: coupon.id });
  const isReplaced = ({ planId }: CouponTarget): boolean =>
    planId == null
      ? metricCodes !== null || limits.planIds.length > 0
      : planCodes !== null || limits.metricIds.length > 0;
  for (const target of before.filter(isReplaced)) em.remove(target);
  await em.flush();
  limitTo(em, scope, coupon, limits);
}
