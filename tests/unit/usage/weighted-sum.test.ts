import { expect, test } from '@jest/globals';
import { Decimal, ZERO } from '../../../billing/money/decimal.ts';
import type { WeightedSumTotals } from '../../../billing/usage/usage-totals.ts';
import { weightedEnd, weightedUnits } from '../../../billing/usage/weighted-sum.ts';

const AUGUST = {
  from: new Date('2023-08-01T00:00:00Z'),
  to: new Date('2023-08-31T23:59:59.999Z'),
  days: 31,
};

type Change = readonly [at: string, value: number];

const SEVEN: readonly Change[] = [
  ['2023-08-01T00:00:00Z', 2],
  ['2023-08-01T01:00:00Z', 3],
  ['2023-08-01T01:30:00Z', 1],
  ['2023-08-01T02:00:00Z', -4],
  ['2023-08-01T04:00:00Z', -2],
  ['2023-08-01T05:00:00Z', 10],
  ['2023-08-01T05:30:00Z', -10],
];

/** What the statement that reads usage sums up. */
const totalsOf = (changes: readonly Change[], levelBefore = 0, { to } = AUGUST): WeightedSumTotals => ({
  aggregationType: 'weighted_sum_agg',
  numericEventsCount: BigInt(changes.length),
  levelBefore: new Decimal(levelBefore),
  sum: Decimal.sum(0, ...changes.map(([, value]) => value)),
  unitSeconds: changes.reduce(
    (sum, [at, value]) => sum.plus(new Decimal(weightedEnd(to).getTime() - Date.parse(at)).div(1000).times(value)),
    ZERO,
  ),
});

// Spec, usage 1.5.
test.each<[string, WeightedSumTotals, string, string]>([
  ['a change at the first instant', totalsOf([['2023-08-01T00:00:00Z', 1000]]), '1000', '1000'],
  [
    'two changes of one instant',
    totalsOf([
      ['2023-08-01T00:00:00Z', 3],
      ['2023-08-01T00:00:00Z', 3],
    ]),
    '6',
    '6',
  ],
  ['seven changes on the first day', totalsOf(SEVEN), '0.02218', '0'],
  ['a level from before', totalsOf([], 1000), '1000', '1000'],
  ['a level from before and seven changes', totalsOf(SEVEN, 1000), '1000.02218', '1000'],
])('%s', (_, totals, units, total) => {
  const usage = weightedUnits(totals, AUGUST);
  expect(usage.units.toDecimalPlaces(5).toFixed()).toBe(units);
  expect(usage.totalAggregatedUnits?.toFixed()).toBe(total);
  expect(usage.eventsCount).toBe(totals.numericEventsCount);
});

test('a level of a part of the period counts for that part of its days, rounded up at 20 digits', () => {
  const half = { ...AUGUST, from: new Date('2023-08-17T00:00:00Z') };
  expect(weightedUnits(totalsOf([], 31), half).units.toFixed()).toBe('15');
  expect(weightedUnits(totalsOf([], 1), half).units.toFixed()).toBe('0.48387096774193548388');
  const ended = { ...AUGUST, to: new Date('2023-08-01T12:00:00.001Z') };
  expect(weightedEnd(ended.to)).toEqual(new Date('2023-08-01T12:00:01Z'));
  expect(weightedUnits(totalsOf([['2023-08-01T00:00:01Z', 31]], 0, ended), ended).units.toFixed()).toBe('0.5');
});
