import { remainingAmount, type AppliedCouponFacts } from './applied-coupon.ts';

/** What a coupon took off an invoice, and what it is after that. */
export interface CouponUse {
  readonly appliedCouponId: string;
  readonly creditAmountCents: bigint;
  readonly after: CouponState;
  /** Whether it is otherwise than before. */
  readonly isChanged: boolean;
}

/** How far a customer's coupon is used. */
export interface CouponState {
  /** Invoices that it is still for; null unless it is recurring. */
  readonly frequencyDurationRemaining: number | null;
  readonly isTerminated: boolean;
}

/**
 * What becomes of a coupon that took something off (spec, money 2.6). A recurring one has an invoice less to go,
 * however little it took; what is used up is terminated.
 *
 * 12 cents once, 12 taken: terminated; 6 taken: stays. 20 % once: terminated. Recurring with 3 invoices left: 2; with
 * 1: 0 and terminated. Forever: stays.
 */
export function useCoupon(coupon: AppliedCouponFacts, creditAmountCents: bigint): CouponUse {
  const after = stateAfter(coupon, creditAmountCents);
  return {
    appliedCouponId: coupon.id,
    creditAmountCents,
    after,
    isChanged: after.isTerminated || after.frequencyDurationRemaining !== coupon.frequencyDurationRemaining,
  };
}

function stateAfter(coupon: AppliedCouponFacts, creditAmountCents: bigint): CouponState {
  switch (coupon.frequency) {
    case 'once': {
      const remaining = remainingAmount(coupon);
      return {
        frequencyDurationRemaining: null,
        isTerminated: remaining === null || creditAmountCents >= remaining,
      };
    }
    case 'recurring': {
      const left = Math.max(0, (coupon.frequencyDurationRemaining ?? 0) - 1);
      return { frequencyDurationRemaining: left, isTerminated: left === 0 };
    }
    case 'forever':
      return { frequencyDurationRemaining: null, isTerminated: false };
    default:
      return coupon.frequency satisfies never;
  }
}
