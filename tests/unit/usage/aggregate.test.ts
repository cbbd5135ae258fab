import { describe, expect, test } from '@jest/globals';
import { Decimal } from '../../../billing/money/decimal.ts';
import { aggregate, carriesOver } from '../../../billing/usage/aggregate.ts';
import { addTotals, noTotals, type UsageTotals } from '../../../billing/usage/usage-totals.ts';

describe('aggregation of usage', () => {
  const sum: UsageTotals = { aggregationType: 'sum_agg', numericEventsCount: 3n, sum: new Decimal('-0.5') };

  test('a count counts every event, whatever its properties', () => {
    const usage = aggregate({ aggregationType: 'count_agg', eventsCount: 5n });
    expect(usage).toEqual({ units: new Decimal(5), eventsCount: 5n, eventValues: 'one each' });
  });

  test('a sum is the sum of the numbers, may be negative, and counts only events with a number', () => {
    expect(aggregate(sum)).toEqual({ units: new Decimal('-0.5'), eventsCount: 3n });
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
    const usage = aggregate({ ...totals, eventAmountCents: new Decimal(7) } as UsageTotals);
    expect(usage.eventAmountCents).toEqual(new Decimal(7));
    expect(usage.eventValues).toEqual([1, 2, 3].map((number) => ({ value: new Decimal(number), isInPeriod: true })));
  });

  test('counts beyond the integers that JavaScript has stay exact', () => {
    const usage = aggregate({ aggregationType: 'count_agg', eventsCount: 9007199254740993n });
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
    expect(() => addTotals(count, sum)).toThrow('count_agg and sum_agg do not add up');
  });

  test.each([
    { aggregationType: 'sum_agg', recurring: true, carries: true },
    { aggregationType: 'sum_agg', recurring: false, carries: false },
    { aggregationType: 'count_agg', recurring: false, carries: false },
  ] as const)('$aggregationType, recurring $recurring: carries over $carries', ({ carries, ...metric }) => {
    expect(carriesOver(metric)).toBe(carries);
  });
});
