import { describe, expect, test } from '@jest/globals';
import { proratedUniqueCount } from '../../../billing/usage/prorated-unique-count.ts';
import type { UsagePeriod } from '../../../billing/usage/usage-period.ts';
import type { UniqueCountTotals } from '../../../billing/usage/usage-totals.ts';

const PERIOD: UsagePeriod = {
  from: new Date('2022-07-09T00:00:00Z'),
  to: new Date('2022-08-08T23:59:59.999Z'),
  days: 31,
  timeZone: 'UTC',
  isEndedByUpgrade: false,
};

type Operation = readonly [value: string, operation: 'add' | 'remove', at: string];

const totalsOf = (operations: readonly Operation[], activeCount = 0n): UniqueCountTotals => ({
  aggregationType: 'unique_count_agg',
  activeCount,
  operations: operations.map(([value, operation, at], index) => ({
    at: BigInt(Date.parse(at)) * 1000n,
    id: String(index),
    value,
    operation,
  })),
});

const BEFORE: Operation = ['a', 'add', '2022-06-01T12:00:00Z'];
const onOneDay = (day: string): readonly Operation[] => [
  ['a', 'add', `${day}T01:00:00Z`],
  ['a', 'remove', `${day}T02:00:00Z`],
  ['a', 'add', `${day}T03:00:00Z`],
  ['a', 'remove', `${day}T04:00:00Z`],
];

// Spec, usage 5.4.
describe('prorated unique values', () => {
  test.each<[string, readonly Operation[], Partial<UsagePeriod>, string]>([
    ['added before the period', [BEFORE], {}, '1'],
    ['one from before, one added 10 days later', [BEFORE, ['b', 'add', '2022-07-19T08:00:00Z']], {}, '1.67742'],
    ['added on the 16th day', [['a', 'add', '2022-07-24T08:00:00Z']], {}, '0.51613'],
    ['from before, removed on day 16', [BEFORE, ['a', 'remove', '2022-07-24T08:00:00Z']], {}, '0.51613'],
    ['from before, removed on the last day', [BEFORE, ['a', 'remove', '2022-08-08T08:00:00Z']], {}, '1'],
    [
      'added on day 2, removed on day 30',
      [
        ['a', 'add', '2022-07-10T08:00:00Z'],
        ['a', 'remove', '2022-08-07T08:00:00Z'],
      ],
      {},
      '0.93549',
    ],
    ['added and removed twice on one day', onOneDay('2022-07-20'), {}, '0.03226'],
    ['a day each, three times', ['2022-07-20', '2022-07-23', '2022-07-26'].flatMap(onOneDay), {}, '0.09678'],
    ['ended after 16 days', [BEFORE], { to: new Date('2022-07-24T12:00:00Z') }, '0.51613'],
    ['upgraded on day 16', [BEFORE], { to: new Date('2022-07-24T12:00:00Z'), isEndedByUpgrade: true }, '0.48388'],
    ['started 8 days before the end', [BEFORE], { from: new Date('2022-08-01T12:00:00Z') }, '0.25807'],
    ['removed before the period', [BEFORE, ['a', 'remove', '2022-07-08T23:59:59Z']], {}, '0'],
    [
      'removed and added again on one day',
      [BEFORE, ['a', 'remove', '2022-07-20T08:00:00Z'], ['a', 'add', '2022-07-20T09:00:00Z']],
      {},
      '1',
    ],
    ['removed, never added', [['a', 'remove', '2022-07-20T08:00:00Z']], {}, '0'],
    ['nothing', [], {}, '0'],
  ])('%s', (_, operations, period, units) => {
    expect(proratedUniqueCount(totalsOf(operations), { ...PERIOD, ...period }).units.toFixed()).toBe(units);
  });

  test('show the values that are active at the end as full units', () => {
    const { fullUnits, eventsCount } = proratedUniqueCount(totalsOf([BEFORE], 1n), PERIOD);
    expect([fullUnits?.toNumber(), eventsCount]).toEqual([1, 1n]);
    expect(proratedUniqueCount(totalsOf([], -1n), PERIOD).eventsCount).toBe(0n);
  });

  test('name their steps in the order of time, whichever value they are of', () => {
    const { proratedSteps } = proratedUniqueCount(
      totalsOf([BEFORE, ['b', 'add', '2022-08-08T09:00:00Z'], ['a', 'remove', '2022-08-08T10:00:00Z']]),
      PERIOD,
    );
    expect(proratedSteps?.map(({ full, prorated }) => [full.toNumber(), prorated.toFixed(5)])).toEqual([
      [1, '1.00000'],
      [1, '0.03226'],
      [-1, '0.00000'],
    ]);
  });

  test('know the days of the customer', () => {
    // 20:00 UTC of the 23rd is the 24th in Tokyo.
    const tokyo = {
      ...PERIOD,
      from: new Date('2022-07-08T15:00:00Z'),
      to: new Date('2022-08-08T14:59:59.999Z'),
      timeZone: 'Asia/Tokyo',
    };
    const { units } = proratedUniqueCount(totalsOf([['a', 'add', '2022-07-23T20:00:00Z']]), tokyo);
    expect(units.toFixed()).toBe('0.51613');
  });
});
