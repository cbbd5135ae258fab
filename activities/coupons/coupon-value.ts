import type { CouponValue } from '../../billing/coupons/coupon-terms.ts';
import type { Coupon } from '../../db/entities/coupons/coupon.ts';

/** What a stored coupon takes off, and how often. */
export const couponValueOf = (coupon: Coupon): CouponValue => ({
  couponType: coupon.couponType,
  amountCents: coupon.amountCents ?? null,
  amountCurrency: coupon.amountCurrency ?? null,
  percentageRate: coupon.percentageRate ?? null,
  frequency: coupon.frequency,
  frequencyDuration: coupon.frequencyDuration ?? null,
});
