import { describe, expect, test } from '@jest/globals';
import { couponed } from '../../../billing/coupons/apply-coupons.ts';
import type { AppliedCouponFacts } from '../../../billing/coupons/applied-coupon.ts';
import { giveBackCoupon, type UsedCoupon } from '../../../billing/coupons/give-back-coupon.ts';
import { couponFacts, fixed, percentage, planFee } from './example-coupons.ts';

const recurring = (frequencyDurationRemaining: number) => ({
  frequency: 'recurring' as const,
  frequencyDuration: 3,
  frequencyDurationRemaining,
});

// Spec, money 2.6; S063.
describe('what becomes of a coupon that an invoice has used', () => {
  test.each<[string, number, AppliedCouponFacts, { left: number | null; ends: boolean; changed: boolean }]>([
    ['12 once, of 300', 300, fixed(12), { left: null, ends: true, changed: true }],
    ['12 once, of 6', 6, fixed(12), { left: null, ends: false, changed: false }],
    ['12 once, 6 used, of 300', 300, fixed(12, { usedAmountCents: 6n }), { left: null, ends: true, changed: true }],
    ['0 once', 300, fixed(0), { left: null, ends: true, changed: true }],
    ['20 % once', 300, percentage('20'), { left: null, ends: true, changed: true }],
    ['recurring, 3 invoices left', 300, fixed(12, recurring(3)), { left: 2, ends: false, changed: true }],
    ['recurring, 1 left', 300, percentage('20', recurring(1)), { left: 0, ends: true, changed: true }],
    ['recurring, little to take', 6, fixed(12, recurring(2)), { left: 1, ends: false, changed: true }],
    ['recurring, none left', 6, fixed(12, recurring(0)), { left: 0, ends: true, changed: true }],
    ['forever', 300, fixed(12, { frequency: 'forever' }), { left: null, ends: false, changed: false }],
  ])('%s', (_what, cents, coupon, { left, ends, changed }) => {
    const { uses } = couponed(
      { fees: [planFee(cents)], currency: 'EUR', leftCents: BigInt(cents) },
      couponFacts([coupon]),
    );
    expect(uses).toMatchObject([
      {
        appliedCouponId: coupon.id,
        after: { frequencyDurationRemaining: left, isTerminated: ends },
        isChanged: changed,
      },
    ]);
  });
});

// Spec, money 2.9.
describe('what becomes of it when the invoice is voided', () => {
  const used = (change: Partial<UsedCoupon>): UsedCoupon => ({
    frequency: 'once',
    frequencyDurationRemaining: null,
    isTerminated: true,
    isCouponOver: false,
    ...change,
  });
  test.each<[string, UsedCoupon, { left: number | null; terminated: boolean }]>([
    ['once, used up', used({}), { left: null, terminated: false }],
    ['once, in use', used({ isTerminated: false }), { left: null, terminated: false }],
    ['once, the coupon is over', used({ isCouponOver: true }), { left: null, terminated: true }],
    ['recurring, used up', used({ ...recurring(0) }), { left: 1, terminated: false }],
    ['recurring, in use', used({ ...recurring(2), isTerminated: false }), { left: 3, terminated: false }],
    ['recurring, the coupon is over', used({ ...recurring(0), isCouponOver: true }), { left: 1, terminated: true }],
    [
      'in use, the coupon is over',
      used({ isTerminated: false, isCouponOver: true }),
      { left: null, terminated: false },
    ],
    ['forever', used({ frequency: 'forever', isTerminated: false }), { left: null, terminated: false }],
    ['forever, removed', used({ frequency: 'forever' }), { left: null, terminated: true }],
  ])('%s', (_what, coupon, { left, terminated }) => {
    expect(giveBackCoupon(coupon)).toEqual({ frequencyDurationRemaining: left, isTerminated: terminated });
  });
});
