import type { EntityManager } from '@mikro-orm/postgresql';
import type { Coupon } from '../../db/entities/coupons/coupon.ts';
import { shownLimits } from '../../db/queries/coupons/shown-limits.ts';
import { couponJson } from './coupon.ts';

/** Coupons as they are shown, in their order: one statement however many they are. */
export async function shownCoupons(
  em: EntityManager,
  organizationId: string,
  coupons: readonly Coupon[],
): Promise<ReturnType<typeof couponJson>[]> {
  const limitsOf = await shownLimits(
    em,
    organizationId,
    coupons.map(({ id }) => id),
  );
  return coupons.map((coupon) => couponJson(coupon, limitsOf(coupon.id)));
}

/** One of them. */
export async function shownCoupon(em: EntityManager, coupon: Coupon): Promise<ReturnType<typeof couponJson>> {
  const [json] = await shownCoupons(em, coupon.organizationId, [coupon]);
  return json!;
}
