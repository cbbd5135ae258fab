import { roundToCents } from '../money/cents.ts';
import { Decimal, roundHalfAwayFromZero, ZERO } from '../money/decimal.ts';
import { remainingAmount, type AppliedCouponFacts } from './applied-coupon.ts';

/** What coupons take of a fee. */
export interface CouponedFee {
  readonly amountCents: bigint;
  /** What they and progressive credits took before, cents with 5 digits after the point. */
  readonly preciseCouponsAmountCents: Decimal;
}

/** Digits after the point of a fee's share between two coupons (spec, money 0, 2.6). */
const SHARE_DIGITS = 5;

/** What is left of a fee for the next coupon. */
export const leftOf = ({ amountCents, preciseCouponsAmountCents }: CouponedFee): Decimal =>
  new Decimal(amountCents).minus(preciseCouponsAmountCents);

/** What a limited coupon is taken from: what is left of its fees (spec, money 2.5). */
export const baseOf = (fees: readonly CouponedFee[]): Decimal => fees.reduce((sum, fee) => sum.plus(leftOf(fee)), ZERO);

/**
 * What a coupon takes off, in whole cents: never more than its base or than what is left of the invoice (spec, money
 * 2.5; decisions).
 *
 * A base of 300: 20 % takes 60, 12 cents once of which 6 are used takes 6. A base of 6: 12 cents take 6.
 *
 * @param leftCents the invoice's sub total without taxes. The base of a limited coupon can have a fraction: rounded up
 * it must not make the invoice negative.
 */
export function couponCredit(coupon: AppliedCouponFacts, base: Decimal, leftCents: bigint): bigint {
  const credit = roundToCents(exactCredit(coupon, base));
  return credit < leftCents ? credit : leftCents;
}

function exactCredit(coupon: AppliedCouponFacts, base: Decimal): Decimal {
  if (coupon.couponType === 'percentage') {
    return Decimal.min(base, base.times(coupon.percentageRate ?? ZERO).div(100));
  }
  return Decimal.max(0, Decimal.min(base, new Decimal(remainingAmount(coupon) ?? coupon.amountCents ?? 0n)));
}

/**
 * Spreads a credit over the fees that it is for, each in proportion to what is left of it (spec, money 2.6). A share is
 * kept with five digits, which the next coupon starts from.
 *
 * 500 off 17000, of a fee of 1000 with 666.66667 taken before: 9.80392, so 676.47059 in all.
 */
export const withShare = <Fee extends CouponedFee>(fee: Fee, creditCents: bigint, base: Decimal): Fee => {
  if (base.isZero()) return fee;
  const share = leftOf(fee).times(creditCents.toString()).div(base);
  const taken = roundHalfAwayFromZero(fee.preciseCouponsAmountCents.plus(share), SHARE_DIGITS);
  return { ...fee, preciseCouponsAmountCents: Decimal.min(fee.amountCents.toString(), taken) };
};
