import type { EntityManager } from '@mikro-orm/postgresql';
import { terminateAppliedCoupons } from '../../db/queries/coupons/terminate-applied-coupons.ts';
import type { BillingScope } from '../command-scope.ts';
import { lockCoupon, wantExpiration, type SavedCoupon } from './saved-coupon.ts';

/**
 * Deletes a coupon in the caller's transaction: its code is free, and every customer who has it loses it; what it took
 * off invoices stays (spec, money 2.1).
 *
 * It takes no customer's lock. An invoice that is being made either sees the coupon, and then it was made before, or
 * does not; what becomes of a coupon that it used never brings one back (`use-coupons.ts`).
 *
 * @throws Refusal 404 `coupon_not_found`.
 */
export async function deleteCoupon(em: EntityManager, scope: BillingScope, code: string): Promise<SavedCoupon> {
  const { organizationId, now } = scope;
  const coupon = await lockCoupon(em, code);
  em.assign(coupon, { deletedAt: now, updatedAt: now });
  await em.flush();
  await terminateAppliedCoupons(em, organizationId, { couponId: coupon.id }, now);
  const isWaiting = coupon.expirationAt != null && coupon.terminatedAt == null;
  return { coupon, acts: isWaiting ? await wantExpiration(em, scope, coupon) : [] };
}
