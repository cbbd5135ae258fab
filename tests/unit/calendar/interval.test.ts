import { describe, expect, test } from '@jest/globals';
import { INTERVALS, yearlyAmount } from '../../../billing/calendar/interval.ts';

describe('the yearly amount that tells an upgrade from a downgrade', () => {
  test.each([
    ['weekly', 5200n],
    ['monthly', 1200n],
    ['quarterly', 400n],
    ['semiannual', 200n],
    ['yearly', 100n],
  ] as const)('of 100 cents %s is %s', (interval, expected) => {
    expect(yearlyAmount(100n, interval)).toBe(expected);
  });

  test('knows every interval once', () => {
    expect(INTERVALS.toSorted()).toEqual(['monthly', 'quarterly', 'semiannual', 'weekly', 'yearly']);
  });
});
