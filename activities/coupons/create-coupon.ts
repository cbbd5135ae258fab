import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import type { CouponTerms } from '../../billing/coupons/coupon.ts';
import { COUPON_DEFAULTS, couponTerms } from '../../billing/coupons/coupon-terms.ts';
import { refuseTwoLimitations } from '../../billing/coupons/coupon-target.ts';
import { Coupon } from '../../db/entities/coupons/coupon.ts';
import type { BillingScope } from '../command-scope.ts';
import { refuseTakenCode } from '../refuse-taken-code.ts';
import { limitsOfCodes, limitTo, wantExpiration, type LimitCodes, type SavedCoupon } from './saved-coupon.ts';

export interface CreateCoupon {
  readonly name: string;
  readonly code: string;
  readonly description: string | null;
  /** As far as they are asked for. */
  readonly terms: Partial<CouponTerms>;
  readonly limits: LimitCodes;
}

/**
 * Creates a coupon in the caller's transaction (spec, money 2.1).
 *
 * @throws Refusal 422 as `couponTerms`, `code: value_already_exist`; 405 `only_one_limitation_type_per_coupon_allowed`;
 * 404 `plans_not_found`, `billable_metrics_not_found`.
 */
export async function createCoupon(
  em: EntityManager,
  scope: BillingScope,
  { name, code, description, terms, limits }: CreateCoupon,
): Promise<SavedCoupon> {
  const { organizationId, now } = scope;
  const kept = couponTerms({ ...COUPON_DEFAULTS, ...terms }, now);
  refuseTwoLimitations(limits.planCodes, limits.metricCodes);
  await refuseTakenCode(em, Coupon, { code, deletedAt: null });
  const targets = await limitsOfCodes(em, limits);
  const own = { id: v7(), organizationId, name, code, description, createdAt: now, updatedAt: now };
  const coupon = em.create(Coupon, { ...own, ...kept });
  await em.flush();
  limitTo(em, scope, coupon, targets);
  await em.flush();
  return { coupon, acts: coupon.expirationAt == null ? [] : await wantExpiration(em, scope, coupon) };
}
