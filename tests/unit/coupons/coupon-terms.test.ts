import { describe, expect, test } from '@jest/globals';
import { isOver, type CouponTerms } from '../../../billing/coupons/coupon.ts';
import { couponRate } from '../../../billing/coupons/coupon-rate.ts';
import { overlaps, refuseTwoLimitations, type CouponLimits } from '../../../billing/coupons/coupon-target.ts';
import {
  appliedValue,
  COUPON_DEFAULTS,
  couponTerms,
  type CouponOverrides,
} from '../../../billing/coupons/coupon-terms.ts';
import { Decimal } from '../../../billing/money/decimal.ts';
import { Refusal } from '../../../billing/refusal.ts';

const NOW = new Date('2024-03-01T00:00:00Z');
const LATER = new Date('2024-04-01T00:00:00Z');

function refusalOf(work: () => unknown): unknown {
  try {
    return { answered: work() };
  } catch (error) {
    if (error instanceof Refusal) return error.reason.kind === 'validation' ? error.reason.details : error.reason;
    throw error;
  }
}

const FIXED: CouponTerms = { ...COUPON_DEFAULTS, amountCents: 1000n, amountCurrency: 'EUR' };
const TEN = new Decimal(10);

// Spec, money 2.1.
describe('the terms of a coupon', () => {
  test.each<[string, Partial<CouponTerms>, object]>([
    [
      'nothing said',
      { amountCents: null, amountCurrency: null },
      {
        amount_cents: ['value_is_mandatory'],
        amount_currency: ['value_is_mandatory'],
      },
    ],
    ['an amount of 0', { amountCents: 0n }, { amount_cents: ['value_is_out_of_range'] }],
    ['a percentage without a rate', { couponType: 'percentage' }, { percentage_rate: ['value_is_mandatory'] }],
    [
      'recurring, and how often is not said',
      { frequency: 'recurring' },
      {
        frequency_duration: ['value_is_mandatory'],
      },
    ],
    [
      'recurring for no invoice',
      { frequency: 'recurring', frequencyDuration: 0 },
      {
        frequency_duration: ['value_is_out_of_range'],
      },
    ],
    ['a limit of time without a time', { expiration: 'time_limit' }, { expiration_at: ['invalid_date'] }],
    ['a time that has come', { expiration: 'time_limit', expirationAt: NOW }, { expiration_at: ['invalid_date'] }],
  ])('%s is refused', (_what, change, details) => {
    expect(refusalOf(() => couponTerms({ ...FIXED, ...change }, NOW))).toEqual(details);
  });

  test('a time that has come may stay', () => {
    const over = { ...FIXED, expiration: 'time_limit', expirationAt: NOW } as const;
    expect(couponTerms(over, LATER, NOW).expirationAt).toEqual(NOW);
  });

  test('what its kind does not need is left out', () => {
    const asked: CouponTerms = { ...FIXED, percentageRate: TEN, frequencyDuration: 3, expirationAt: LATER };
    expect(couponTerms(asked, NOW)).toEqual({ ...COUPON_DEFAULTS, amountCents: 1000n, amountCurrency: 'EUR' });
    const percentage = couponTerms({ ...asked, couponType: 'percentage', expiration: 'time_limit' }, NOW);
    expect(percentage).toMatchObject({ amountCents: null, amountCurrency: null, percentageRate: TEN });
    expect(percentage.expirationAt).toEqual(LATER);
  });

  test.each<[unknown, string | null]>([
    ['10.0', '10'],
    [33.5, '33.5'],
    ['33.333335', '33.33334'],
    ['150', '150'],
    ['0', '0'],
    ['', null],
    [null, null],
    ['-1', 'value_is_out_of_range'],
    ['100000', 'value_is_out_of_range'],
    ['ten', 'value_is_invalid'],
    [true, 'value_is_invalid'],
  ])('the rate %p is %p', (input, rate) => {
    const read = couponRate(input);
    expect(read instanceof Decimal ? read.toFixed() : read).toBe(rate);
  });

  test.each<[string, Date | null, Date | null, boolean]>([
    ['without an end', null, null, false],
    ['before its end', LATER, null, false],
    ['at its end', NOW, null, true],
    ['terminated', LATER, NOW, true],
  ])('%s: over is %p, %p -> %p', (_what, expirationAt, terminatedAt, over) => {
    expect(isOver({ expirationAt, terminatedAt }, NOW)).toBe(over);
  });
});

// Spec, money 2.2.
describe('a coupon that is applied', () => {
  const NONE: CouponOverrides = {
    amountCents: null,
    amountCurrency: null,
    percentageRate: null,
    frequency: null,
    frequencyDuration: null,
  };
  const coupon = couponTerms(FIXED, NOW);

  test('is as the coupon says, unless told otherwise', () => {
    expect(appliedValue(coupon, NONE)).toEqual({
      couponType: 'fixed_amount',
      amountCents: 1000n,
      amountCurrency: 'EUR',
      percentageRate: null,
      frequency: 'once',
      frequencyDuration: null,
    });
    const overrides = { ...NONE, amountCents: 0n, amountCurrency: 'USD', frequency: 'recurring' } as const;
    expect(appliedValue(coupon, { ...overrides, frequencyDuration: 3 })).toMatchObject({
      amountCents: 0n,
      amountCurrency: 'USD',
      frequency: 'recurring',
      frequencyDuration: 3,
    });
  });

  test('keeps its type: a rate for an amount is left out', () => {
    expect(appliedValue(coupon, { ...NONE, percentageRate: TEN })).toMatchObject({ percentageRate: null });
  });

  test('needs to know for how many invoices it recurs', () => {
    expect(refusalOf(() => appliedValue(coupon, { ...NONE, frequency: 'recurring' }))).toEqual({
      frequency_duration: ['value_is_mandatory'],
    });
    expect(refusalOf(() => appliedValue(coupon, { ...NONE, amountCents: -1n }))).toEqual({
      amount_cents: ['value_is_out_of_range'],
    });
  });
});

describe('what a coupon is limited to', () => {
  const limits = (planIds: string[], metricIds: string[] = []): CouponLimits => ({ planIds, metricIds });
  const charged = new Map([
    ['P', ['m1']],
    ['Q', ['m2']],
  ]);

  test.each<[string, CouponLimits, CouponLimits, boolean]>([
    ['the same plan', limits(['P', 'Q']), limits(['P']), true],
    ['another plan', limits(['P']), limits(['Q']), false],
    ['the same metric', limits([], ['m1']), limits([], ['m1', 'm2']), true],
    ['another metric', limits([], ['m1']), limits([], ['m2']), false],
    ['a metric that the plan charges', limits(['P']), limits([], ['m1']), true],
    ['a plan that charges the metric', limits([], ['m1']), limits(['P']), true],
    ['a metric of another plan', limits(['P']), limits([], ['m2']), false],
    ['everything', limits(['P']), limits([]), false],
  ])('%s', (_what, one, other, meets) => {
    expect(overlaps(one, other, charged)).toBe(meets);
  });

  test('is plans or metrics, never both', () => {
    expect(refusalOf(() => refuseTwoLimitations(['p'], ['m']))).toEqual({
      kind: 'not_allowed',
      code: 'only_one_limitation_type_per_coupon_allowed',
    });
    expect(refusalOf(() => refuseTwoLimitations(['p'], []))).toEqual({ answered: undefined });
  });
});
