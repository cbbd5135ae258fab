import type { AppliedCouponFacts } from './applied-coupon.ts';
import type { CouponState } from './coupon-use.ts';

/** A coupon whose credit is on an invoice that is voided. */
export interface UsedCoupon extends Pick<AppliedCouponFacts, 'frequency' | 'frequencyDurationRemaining'> {
  readonly isTerminated: boolean;
  /** Whether the coupon itself was terminated or deleted: then nobody gets it again. */
  readonly isCouponOver: boolean;
}

/**
 * What becomes of a customer's coupon when an invoice that it took something off is voided (spec, money 2.9). A fixed
 * amount that is taken once has more left without anything being written: the credit does not count any more.
 *
 * Recurring, used up: active again with 1 invoice to go. Once, used up: active again. Forever: as it was.
 */
export function giveBackCoupon({
  frequency,
  frequencyDurationRemaining,
  isTerminated,
  isCouponOver,
}: UsedCoupon): CouponState {
  if (frequency === 'forever') return { frequencyDurationRemaining, isTerminated };
  return {
    frequencyDurationRemaining:
      frequency === 'recurring' ? (frequencyDurationRemaining ?? 0) + 1 : frequencyDurationRemaining,
    isTerminated: isTerminated && isCouponOver,
  };
}
