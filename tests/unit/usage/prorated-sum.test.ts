import { describe, expect, test } from '@jest/globals';
import { Decimal } from '../../../billing/money/decimal.ts';
import { proratedSum } from '../../../billing/usage/prorated-sum.ts';
import type { UsagePeriod } from '../../../billing/usage/usage-period.ts';
import type { SumTotals } from '../../../billing/usage/usage-totals.ts';

const MAY: UsagePeriod = {
  from: new Date('2023-05-01T00:00:00Z'),
  to: new Date('2023-05-31T23:59:59.999Z'),
  days: 31,
  timeZone: 'UTC',
  isEndedByUpgrade: false,
};

type Added = readonly [at: string, value: number];

const totalsOf = (carried: number, added: readonly Added[]): SumTotals => ({
  aggregationType: 'sum_agg',
  numericEventsCount: BigInt(added.length),
  carriedSum: new Decimal(carried),
  sum: Decimal.sum(carried, ...added.map(([, value]) => value)),
  eventValues: added.map(([at, value], index) => ({
    at: BigInt(Date.parse(at)) * 1000n,
    id: String(index),
    value: new Decimal(value),
    isInPeriod: true,
  })),
});

const unitsOf = (totals: SumTotals, period: Partial<UsagePeriod> = {}) => {
  const { units, fullUnits } = proratedSum(totals, { ...MAY, ...period });
  return [units.toFixed(), fullUnits?.toFixed()];
};

// Spec, usage 5.3, 5.7.
describe('a prorated sum', () => {
  test('counts what was there before in full, and what was added from the day of its event on', () => {
    const added: readonly Added[] = [
      ['2023-05-26T10:00:00Z', 12],
      ['2023-05-26T23:00:00Z', 12],
    ];
    expect(unitsOf(totalsOf(5, added))).toEqual(['9.64517', '29']);
    expect(unitsOf(totalsOf(0, [['2023-05-01T00:00:00Z', 31]]))).toEqual(['31', '31']);
    expect(unitsOf(totalsOf(0, [['2023-05-31T23:59:59Z', 31]]))).toEqual(['1', '31']);
    expect(unitsOf(totalsOf(0, []))).toEqual(['0', '0']);
  });

  test('counts the days of a subscription that began in the period and ended in it', () => {
    const period = {
      from: new Date('2023-12-15T10:00:00Z'),
      to: new Date('2023-12-20T06:00:00Z'),
    };
    expect(unitsOf(totalsOf(0, [['2023-12-16T00:00:00Z', 10]]), period)).toEqual(['1.61291', '10']);
    expect(unitsOf(totalsOf(31, []), period)).toEqual(['5', '31']);
  });

  test('leaves the day of an upgrade to the next plan, for what was there before', () => {
    const period = { to: new Date('2023-05-16T00:00:00Z'), isEndedByUpgrade: true };
    expect(unitsOf(totalsOf(31, []), period)).toEqual(['15', '31']);
    expect(unitsOf(totalsOf(0, [['2023-05-16T00:00:00Z', 31]]), period)).toEqual(['1', '31']);
  });

  test('knows the days of the customer, also of one whose clock changes', () => {
    const zone = {
      from: new Date('2023-03-01T05:00:00Z'),
      to: new Date('2023-04-01T03:59:59.999Z'),
      timeZone: 'America/New_York',
    };
    expect(unitsOf(totalsOf(31, []), zone)).toEqual(['31', '31']);
    // 1:30 of the 31st in UTC is still the 30th there.
    expect(unitsOf(totalsOf(0, [['2023-03-31T01:30:00Z', 31]]), zone)).toEqual(['2', '31']);
  });

  test('names its steps in order: what was there before, then each event', () => {
    const { proratedSteps } = proratedSum(
      totalsOf(31, [
        ['2023-05-31T00:00:00Z', -31],
        ['2023-05-30T00:00:00Z', 31],
      ]),
      MAY,
    );
    expect(proratedSteps?.map(({ full, prorated }) => [full.toNumber(), prorated.toNumber()])).toEqual([
      [31, 31],
      [31, 2],
      [-31, -1],
    ]);
  });
});
