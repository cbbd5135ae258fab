import { describe, expect, test } from '@jest/globals';
import { Decimal, ZERO } from '../../../billing/money/decimal.ts';
import { aggregate, carriesOver } from '../../../billing/usage/aggregate.ts';
import type { UsagePeriod } from '../../../billing/usage/usage-period.ts';
import { addTotals, noTotals, type SumTotals, type UsageTotals } from '../../../billing/usage/usage-totals.ts';

const MARCH: UsagePeriod = {
  from: new Date('2026-03-01T00:00:00Z'),
  to: new Date('2026-03-31T23:59:59.999Z'),
  days: 31,
  timeZone: 'UTC',
  isEndedByUpgrade: false,
};

describe('aggregation of usage', () => {
  const sum: SumTotals = {
    aggregationType: 'sum_agg',
    numericEventsCount: 3n,
    sum: new Decimal('-0.5'),
    carriedSum: ZERO,
  };

  test('a count counts every event, whatever its properties', () => {
    const usage = aggregate({ aggregationType: 'count_agg', eventsCount: 5n }, MARCH);
    expect(usage).toEqual({ units: new Decimal(5), eventsCount: 5n, eventValues: 'one each' });
  });

  test('a sum is the sum of the numbers, may be negative, and counts only events with a number', () => {
    expect(aggregate(sum, MARCH)).toEqual({ units: new Decimal('-0.5'), eventsCount: 3n });
  });

  test('the numbers of single events come out oldest first, those of one moment as they arrived', () => {
    const value = (at: bigint, id: string, number: number) => ({
      at,
      id,
      value: new Decimal(number),
      isInPeriod: true,
    });
    const part = (...eventValues: ReturnType<typeof value>[]): UsageTotals => ({ ...sum, eventValues });
    const totals = addTotals(part(value(30n, 'a', 3), value(20n, 'c', 2)), part(value(20n, 'b', 1)));
    const usage = aggregate({ ...totals, eventAmountCents: new Decimal(7) } as UsageTotals, MARCH);
    expect(usage.eventAmountCents).toEqual(new Decimal(7));
    expect(usage.eventValues).toEqual([1, 2, 3].map((number) => ({ value: new Decimal(number), isInPeriod: true })));
  });

  test('a maximum may be negative, and is 0 without events; of single events the first to reach it has it', () => {
    const totals: UsageTotals = { aggregationType: 'max_agg', numericEventsCount: 2n, max: new Decimal(-3) };
    expect(aggregate(totals, MARCH)).toEqual({ units: new Decimal(-3), eventsCount: 2n });
    expect(aggregate(noTotals('max_agg'), MARCH)).toEqual({ units: ZERO, eventsCount: 0n });
    const single = (at: bigint, value: number) => ({ at, id: 'a', value: new Decimal(value), isInPeriod: true });
    const eventValues = [single(3n, 7), single(1n, 2), single(2n, 7)];
    const worth = aggregate({ ...totals, max: new Decimal(7), eventValues }, MARCH).transactionValues;
    expect(worth?.map(({ value }) => value.toNumber())).toEqual([0, 7, 0]);
  });

  test('the latest number counts, a negative one as nothing', () => {
    const latest = (value: number): UsageTotals => ({
      aggregationType: 'latest_agg',
      numericEventsCount: 2n,
      latest: { at: 1n, id: 'a', value: new Decimal(value) },
    });
    expect(aggregate(latest(4), MARCH)).toEqual({ units: new Decimal(4), eventsCount: 2n });
    expect(aggregate(latest(-4), MARCH)).toEqual({ units: ZERO, eventsCount: 2n });
    expect(aggregate(noTotals('latest_agg'), MARCH)).toEqual({ units: ZERO, eventsCount: 0n });
  });

  test('values count once each; more removed than added are fewer units than none, and no event', () => {
    const active = (activeCount: bigint): UsageTotals => ({ aggregationType: 'unique_count_agg', activeCount });
    expect(aggregate(active(3n), MARCH)).toEqual({ units: new Decimal(3), eventsCount: 3n, eventValues: 'one each' });
    expect(aggregate(active(-1n), MARCH)).toMatchObject({ units: new Decimal(-1), eventsCount: 0n });
  });

  test('counts beyond the integers that JavaScript has stay exact', () => {
    const usage = aggregate({ aggregationType: 'count_agg', eventsCount: 9007199254740993n }, MARCH);
    expect(usage.units.toFixed()).toBe('9007199254740993');
  });

  test('rows of one aggregation add up, from nothing on; of two they do not', () => {
    const count: UsageTotals = { aggregationType: 'count_agg', eventsCount: 2n };
    expect(addTotals(addTotals(noTotals('sum_agg'), sum), sum)).toEqual({
      ...sum,
      numericEventsCount: 6n,
      sum: new Decimal(-1),
    });
    expect(addTotals(noTotals('count_agg'), count)).toEqual(count);
    const [three, seven] = [3, 7].map((max): UsageTotals => ({
      aggregationType: 'max_agg',
      numericEventsCount: 1n,
      max: new Decimal(max),
    }));
    expect(addTotals(addTotals(noTotals('max_agg'), seven!), three!)).toMatchObject({ max: new Decimal(7) });
    const [early, late] = ['a', 'b'].map((id, value): UsageTotals => {
      return {
        aggregationType: 'latest_agg',
        numericEventsCount: 1n,
        latest: { at: 1n, id, value: new Decimal(value) },
      };
    });
    expect(addTotals(addTotals(noTotals('latest_agg'), late!), early!)).toMatchObject({ latest: { id: 'b' } });
    const users: UsageTotals = { aggregationType: 'unique_count_agg', activeCount: 2n };
    expect(addTotals(noTotals('unique_count_agg'), users)).toEqual(users);
    expect(() => addTotals(count, sum)).toThrow('count_agg and sum_agg do not add up');
  });

  test.each([
    { aggregationType: 'sum_agg', recurring: true, carries: true },
    { aggregationType: 'sum_agg', recurring: false, carries: false },
    { aggregationType: 'count_agg', recurring: false, carries: false },
    { aggregationType: 'unique_count_agg', recurring: true, carries: true },
    { aggregationType: 'weighted_sum_agg', recurring: true, carries: true },
    { aggregationType: 'max_agg', recurring: false, carries: false },
    { aggregationType: 'latest_agg', recurring: false, carries: false },
  ] as const)('$aggregationType, recurring $recurring: carries over $carries', ({ carries, ...metric }) => {
    expect(carriesOver(metric)).toBe(carries);
  });
});
