import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { couponed } from '../../../billing/coupons/apply-coupons.ts';
import type { AppliedCouponFacts } from '../../../billing/coupons/applied-coupon.ts';
import { Decimal, ZERO } from '../../../billing/money/decimal.ts';
import { taxesOfFee } from '../../../billing/taxes/fee-taxes.ts';
import { taxesOfInvoice } from '../../../billing/taxes/invoice-taxes.ts';
import { exampleTax } from '../taxes/example-taxes.ts';
import { couponFacts, fixed, percentage, planFee, usageFee, type ExampleFee } from './example-coupons.ts';

const sumOf = (fees: readonly ExampleFee[]): bigint => fees.reduce((sum, { amountCents }) => sum + amountCents, 0n);

const off = (fees: readonly ExampleFee[], coupons: readonly AppliedCouponFacts[]) =>
  couponed({ fees, currency: 'EUR', leftCents: sumOf(fees) }, couponFacts(coupons));

const onPlans = (...planIds: string[]) => ({ target: { kind: 'plans', planIds } as const });
const onMetrics = (...metricIds: string[]) => ({ target: { kind: 'metrics', metricIds } as const });

const MIXED = [planFee(75, 'P'), usageFee(12, 'M', 'P2'), planFee(13, 'P1')];

// Spec, money 2.10; S063.
describe('what coupons take off an invoice', () => {
  test.each<[string, readonly ExampleFee[], readonly AppliedCouponFacts[], readonly number[]]>([
    ['10 and then 20 %', [planFee(100)], [fixed(10), percentage('20')], [10, 18]],
    ['15 % and then 20 %', [planFee(100)], [percentage('15'), percentage('20')], [15, 17]],
    ['10 and 20', [planFee(100)], [fixed(10), fixed(20)], [10, 20]],
    ['more than there is: the next is not touched', [planFee(5)], [fixed(10), percentage('20')], [5]],
    ['another currency', [planFee(100)], [fixed(10, { amountCurrency: 'NOK' })], []],
    ['another plan', [planFee(100)], [fixed(10, onPlans('Q'))], []],
    [
      'metrics first, then plans, whatever their age',
      MIXED,
      [fixed(82, onPlans('P')), fixed(5, onMetrics('M')), fixed(20, onPlans('Q'))],
      [5, 75],
    ],
    ['once, half used', [planFee(300)], [fixed(12, { usedAmountCents: 6n })], [6]],
    ['a fifth', [planFee(300)], [percentage('20')], [60]],
    ['12 of 6, once', [planFee(6)], [fixed(12)], [6]],
    ['12 of 6, recurring', [planFee(6)], [fixed(12, { frequency: 'recurring', frequencyDurationRemaining: 3 })], [6]],
    ['12 of 6, forever', [planFee(6)], [fixed(12, { frequency: 'forever' })], [6]],
    ['more than all of it', [planFee(300)], [percentage('150')], [300]],
    ['an invoice without fees', [], [fixed(12)], []],
    ['an invoice of nothing', [planFee(0)], [fixed(12), percentage('20')], []],
    ['a limited one whose fees are used up', [planFee(0, 'P'), planFee(9, 'Q')], [fixed(12, onPlans('P'))], [0]],
    ['an override is billed as its plan', [planFee(30, 'P1 for one')], [fixed(12, onPlans('P1'))], [12]],
    ['no coupon for a metric takes the plan', [planFee(30, 'P')], [fixed(12, onMetrics('M'))], []],
  ])('%s', (_what, fees, coupons, credits) => {
    const { uses, couponsAmountCents } = off(fees, coupons);
    expect(uses.map(({ creditAmountCents }) => Number(creditAmountCents))).toEqual(credits);
    expect(Number(couponsAmountCents)).toBe(credits.reduce((sum, credit) => sum + credit, 0));
  });

  test('a percentage is of a fee in any currency', () => {
    const { couponsAmountCents } = couponed(
      { fees: [planFee(300)], currency: 'JPY', leftCents: 300n },
      couponFacts([percentage('20')]),
    );
    expect(couponsAmountCents).toBe(60n);
  });

  test('an add-on is for no plan and no metric', () => {
    const addOn: ExampleFee = { ...planFee(100), source: { kind: 'add_on' } };
    expect(off([addOn], [fixed(10, onPlans('P')), fixed(10, onMetrics('M')), fixed(7)]).couponsAmountCents).toBe(7n);
  });

  test('coupons of one moment are taken in the order in which they were applied', () => {
    const [older, newer] = [fixed(10), fixed(95)];
    expect(off([planFee(100)], [newer, older]).uses).toMatchObject([
      { appliedCouponId: older.id, creditAmountCents: 10n },
      { appliedCouponId: newer.id, creditAmountCents: 90n },
    ]);
  });

  test.each<[string, AppliedCouponFacts, readonly [string, string]]>([
    ['12', fixed(12), ['8', '4']],
    ['12 of which 6 are left', fixed(12, { usedAmountCents: 6n }), ['4', '2']],
    ['20 %', percentage('20'), ['40', '20']],
    ['12 on the first alone', fixed(12, onPlans('P')), ['12', '0']],
  ])('fees of 200 and 100: %s is spread over them', (_what, coupon, shares) => {
    const { fees } = off([planFee(200, 'P'), planFee(100, 'Q')], [coupon]);
    expect(fees.map((fee) => fee.preciseCouponsAmountCents.toFixed())).toEqual(shares);
  });
});

const taxed = (fees: readonly ExampleFee[], rateOf: (index: number) => string) =>
  fees.map((fee, index) => {
    const whole = { ...fee, preciseAmountCents: new Decimal(fee.amountCents) };
    const tax = exampleTax(rateOf(index), rateOf(index));
    return { ...whole, ...taxesOfFee(whole, [tax]) };
  });

// Spec, money 2.10, the full breakdowns.
describe('shares and taxes of one invoice', () => {
  test('three coupons, one after the other, each from what is stored', () => {
    const fees = ['P1', 'P2'].flatMap((plan, index) =>
      [1000, 2000, 3000, 4000].map((cents, metric) => usageFee(cents, `m${index * 4 + metric + 1}`, plan)),
    );
    const a = fixed(2000, onMetrics('m1', 'm2'));
    const b = fixed(1000, onPlans('P2'));
    const c = fixed(500);
    const sharesAfter = (...coupons: AppliedCouponFacts[]) =>
      off(fees, coupons).fees.map((fee) => fee.preciseCouponsAmountCents.toNumber());
    expect(sharesAfter(a)).toEqual([666.66667, 1333.33333, 0, 0, 0, 0, 0, 0]);
    expect(sharesAfter(b, a)).toEqual([666.66667, 1333.33333, 0, 0, 100, 200, 300, 400]);
    expect(sharesAfter(c, b, a)).toEqual([
      676.47059, 1352.94117, 88.23529, 117.64706, 126.47059, 252.94118, 379.41176, 505.88235,
    ]);
    const all = off(fees, [a, b, c]);
    const withTaxes = taxed(all.fees, (index) => (index % 4 === 1 ? '20' : '10'));
    expect(withTaxes.map((fee) => Number(fee.taxesAmountCents))).toEqual([32, 129, 291, 388, 87, 349, 262, 349]);
    const { taxesAmountCents } = taxesOfInvoice(withTaxes, 20_000n - all.couponsAmountCents);
    expect([all.couponsAmountCents, taxesAmountCents]).toEqual([3500n, 1889n]);
  });

  test('one coupon that was applied twice', () => {
    const fees = [99_290, 299_770, 3130, 6460, 3130, 1999].map((cents) => planFee(cents));
    const { fees: after, couponsAmountCents } = off(fees, [
      fixed(1000, { frequency: 'forever' }),
      fixed(1000, { frequency: 'forever' }),
    ]);
    expect(after.map((fee) => fee.preciseCouponsAmountCents.toNumber())).toEqual([
      479.91802, 1448.93772, 15.12884, 31.2244, 15.12884, 9.66216,
    ]);
    const { taxesAmountCents } = taxesOfInvoice(
      taxed(after, () => '10'),
      sumOf(fees) - couponsAmountCents,
    );
    expect([couponsAmountCents, taxesAmountCents, sumOf(fees) - couponsAmountCents + taxesAmountCents]).toEqual([
      2000n,
      41_178n,
      452_957n,
    ]);
  });

  test('a base with a fraction is rounded, and never below nothing', () => {
    const fees = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6'].map((metric) => usageFee(1, metric));
    const metrics = (one: string, other: string, cents: number) => fixed(cents, onMetrics(one, other));
    const { uses, couponsAmountCents } = off(fees, [
      metrics('m1', 'm2', 1),
      metrics('m2', 'm3', 9),
      metrics('m4', 'm5', 1),
      metrics('m5', 'm6', 9),
      metrics('m1', 'm4', 9),
    ]);
    expect(uses.map(({ creditAmountCents }) => Number(creditAmountCents))).toEqual([1, 2, 1, 2]);
    expect(couponsAmountCents).toBe(6n);
  });
});

describe('whatever the coupons', () => {
  const fee = fc.record({
    cents: fc.integer({ min: 0, max: 1_000_000 }),
    metric: fc.constantFrom('m1', 'm2', 'm3', 'm4'),
    plan: fc.constantFrom('P1', 'P2'),
    isPlans: fc.boolean(),
  });
  const target = fc.oneof(
    fc.constant({}),
    fc.subarray(['P1', 'P2'], { minLength: 1 }).map((plans) => onPlans(...plans)),
    fc.subarray(['m1', 'm2', 'm3', 'm4'], { minLength: 1 }).map((metrics) => onMetrics(...metrics)),
  );
  const frequency = fc.oneof(
    fc.constant({ frequency: 'once' as const }),
    fc.constant({ frequency: 'forever' as const }),
    fc
      .integer({ min: 1, max: 5 })
      .map((left) => ({ frequency: 'recurring' as const, frequencyDurationRemaining: left })),
  );
  const coupon = fc
    .tuple(
      fc.oneof(
        fc.integer({ min: 0, max: 2_000_000 }).map((cents) => fixed(cents)),
        fc.integer({ min: 0, max: 15_000_000 }).map((rate) => percentage(new Decimal(rate).div(100_000).toFixed())),
      ),
      target,
      frequency,
    )
    .map(([one, limits, often]): AppliedCouponFacts => ({ ...one, ...limits, ...often }));

  test('they take no more than there is, and the shares of the fees are what they take', () => {
    fc.assert(
      fc.property(fc.array(fee, { maxLength: 12 }), fc.array(coupon, { maxLength: 8 }), (lines, coupons) => {
        const fees = lines.map(({ cents, metric, plan, isPlans }) =>
          isPlans ? planFee(cents, plan) : usageFee(cents, metric, plan),
        );
        const { fees: after, couponsAmountCents, uses } = off(fees, coupons);
        expect(couponsAmountCents).toBeGreaterThanOrEqual(0n);
        expect(couponsAmountCents).toBeLessThanOrEqual(sumOf(fees));
        expect(uses.reduce((sum, { creditAmountCents }) => sum + creditAmountCents, 0n)).toBe(couponsAmountCents);
        expect(new Set(uses.map(({ appliedCouponId }) => appliedCouponId)).size).toBe(uses.length);
        for (const { appliedCouponId, creditAmountCents } of uses) {
          const { amountCents } = coupons.find(({ id }) => id === appliedCouponId)!;
          expect(creditAmountCents).toBeLessThanOrEqual(amountCents ?? sumOf(fees));
        }
        const shares = after.reduce((sum, { preciseCouponsAmountCents }) => sum.plus(preciseCouponsAmountCents), ZERO);
        const tolerance = new Decimal('0.00001').times(fees.length).plus('0.5').times(uses.length);
        expect(shares.minus(couponsAmountCents.toString()).abs().lte(tolerance)).toBe(true);
        for (const { amountCents, preciseCouponsAmountCents: share } of after) {
          expect(share.gte(0) && share.lte(amountCents.toString()) && share.decimalPlaces() <= 5).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('invoice after invoice, one that is taken once never takes more than its amount, and ends with it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5000 }),
        fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 1, maxLength: 20 }),
        (amount, invoices) => {
          let used = 0n;
          let isTerminated = false;
          for (const cents of invoices) {
            if (isTerminated) break;
            const { uses } = off([planFee(cents)], [fixed(amount, { usedAmountCents: used })]);
            used += uses[0]?.creditAmountCents ?? 0n;
            isTerminated = uses[0]?.after.isTerminated ?? false;
            expect(used).toBeLessThanOrEqual(BigInt(amount));
            expect(isTerminated).toBe(uses.length > 0 && used === BigInt(amount));
          }
        },
      ),
    );
  });
});
