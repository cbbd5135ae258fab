import type { CouponedContents, CouponTarget } from './coupon-target.ts';
import type { CouponValue } from './coupon-terms.ts';

export const APPLIED_COUPON_STATUSES = ['active', 'terminated'] as const;

export type AppliedCouponStatus = (typeof APPLIED_COUPON_STATUSES)[number];

/** A coupon that a customer has, as far as invoices ask. */
export interface AppliedCouponFacts extends CouponValue {
  readonly id: string;
  readonly createdAt: Date;
  readonly target: CouponTarget;
  /** Invoices that it is still for; null unless it is recurring. */
  readonly frequencyDurationRemaining: number | null;
  /** What its active credits took: those of invoices that are not voided, closed or deleted (spec, money 2.2). */
  readonly usedAmountCents: bigint;
}

/** What is known of the coupons of one customer's invoice. */
export interface InvoiceCouponFacts extends CouponedContents {
  /** Active ones, as they are under the customer's lock. */
  readonly applied: readonly AppliedCouponFacts[];
}

export const NO_COUPONS: InvoiceCouponFacts = {
  applied: [],
  plansOfSubscriptions: new Map(),
  metricsOfCharges: new Map(),
};

/**
 * What is left of a fixed amount that is taken once, over as many invoices as it lasts; null: nothing is counted (spec,
 * money 2.2). 12 cents of which 5 are used: 7.
 */
export const remainingAmount = ({
  couponType,
  frequency,
  amountCents,
  usedAmountCents,
}: Pick<AppliedCouponFacts, 'couponType' | 'frequency' | 'amountCents' | 'usedAmountCents'>): bigint | null =>
  couponType === 'fixed_amount' && frequency === 'once' ? (amountCents ?? 0n) - usedAmountCents : null;

const PLACES: Readonly<Record<CouponTarget['kind'], number>> = { metrics: 0, plans: 1, everything: 2 };

/**
 * In the order in which an invoice takes them: those for metrics first, then those for plans, then the rest; the oldest
 * first, and of one moment in the order of their ids, which is that in which they were applied (spec, money 2.4).
 */
export const inOrder = (applied: readonly AppliedCouponFacts[]): readonly AppliedCouponFacts[] =>
  applied.toSorted(
    (one, other) =>
      PLACES[one.target.kind] - PLACES[other.target.kind] ||
      one.createdAt.getTime() - other.createdAt.getTime() ||
      (one.id < other.id ? -1 : 1),
  );
