import type { AppliedCouponFacts, InvoiceCouponFacts } from '../../../billing/coupons/applied-coupon.ts';
import type { CouponedFee } from '../../../billing/coupons/coupon-credit.ts';
import type { CouponedSource } from '../../../billing/coupons/coupon-target.ts';
import { Decimal, ZERO } from '../../../billing/money/decimal.ts';

export type ExampleFee = CouponedFee & { readonly source: CouponedSource };

let made = 0;

const applied = (terms: Partial<AppliedCouponFacts>): AppliedCouponFacts => ({
  id: `coupon-${String(++made).padStart(6, '0')}`,
  createdAt: new Date('2024-01-01T00:00:00Z'),
  target: { kind: 'everything' },
  couponType: 'fixed_amount',
  amountCents: null,
  amountCurrency: null,
  percentageRate: null,
  frequency: 'once',
  frequencyDuration: null,
  frequencyDurationRemaining: null,
  usedAmountCents: 0n,
  ...terms,
});

/** Euros, once, of everything, unless told otherwise; each is younger than the one made before it. */
export const fixed = (amountCents: number, terms: Partial<AppliedCouponFacts> = {}): AppliedCouponFacts =>
  applied({ amountCents: BigInt(amountCents), amountCurrency: 'EUR', ...terms });

/** Percent, once, of everything. */
export const percentage = (rate: string, terms: Partial<AppliedCouponFacts> = {}): AppliedCouponFacts =>
  applied({ couponType: 'percentage', percentageRate: new Decimal(rate), ...terms });

/** A fee of a charge for a metric in a subscription to a plan: both are known by their names. */
export const usageFee = (amountCents: number, metric: string, plan = 'P'): ExampleFee => ({
  amountCents: BigInt(amountCents),
  preciseCouponsAmountCents: ZERO,
  source: { kind: 'charge', chargeId: `charge ${metric}`, subscriptionId: `subscription ${plan}` },
});

export const planFee = (amountCents: number, plan = 'P'): ExampleFee => ({
  amountCents: BigInt(amountCents),
  preciseCouponsAmountCents: ZERO,
  source: { kind: 'subscription', subscriptionId: `subscription ${plan}` },
});

const METRICS = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'M'];
const PLANS = ['P', 'P1', 'P2', 'Q'];

/** Plan `P1 for one` overrides P1 for one subscription. */
export const couponFacts = (coupons: readonly AppliedCouponFacts[]): InvoiceCouponFacts => ({
  applied: coupons,
  plansOfSubscriptions: new Map<string, readonly string[]>([
    ...PLANS.map((plan) => [`subscription ${plan}`, [plan]] as const),
    ['subscription P1 for one', ['P1 for one', 'P1']],
  ]),
  metricsOfCharges: new Map(METRICS.map((metric) => [`charge ${metric}`, metric])),
});
