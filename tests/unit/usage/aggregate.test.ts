import { describe, expect, test } from '@jest/globals';
import { Decimal } from '../../../billing/money/decimal.ts';
import { aggregate, carriesOver } from '../../../billing/usage/aggregate.ts';

describe('aggregation of usage', () => {
  const totals = { eventsCount: 5n, numericEventsCount: 3n, sum: new Decimal('-0.5') };

  test('a count counts every event, whatever its properties', () => {
    const usage = aggregate({ aggregationType: 'count_agg', recurring: false }, totals);
    expect(usage).toEqual({ units: new Decimal(5), eventsCount: 5n });
  });

  test('a sum is the sum of the numbers, may be negative, and counts only events with a number', () => {
    const usage = aggregate({ aggregationType: 'sum_agg', recurring: false }, totals);
    expect(usage).toEqual({ units: new Decimal('-0.5'), eventsCount: 3n });
  });

  test('counts beyond the integers that JavaScript has stay exact', () => {
    const usage = aggregate(
      { aggregationType: 'count_agg', recurring: false },
      { ...totals, eventsCount: 9007199254740993n },
    );
    expect(usage.units.toFixed()).toBe('9007199254740993');
  });

  test.each([
    { aggregationType: 'sum_agg', recurring: true, carries: true },
    { aggregationType: 'sum_agg', recurring: false, carries: false },
    { aggregationType: 'count_agg', recurring: false, carries: false },
  ] as const)('$aggregationType, recurring $recurring: carries over $carries', ({ carries, ...metric }) => {
    expect(carriesOver(metric)).toBe(carries);
  });
});
