import { describe, expect, test } from '@jest/globals';
import { isFirstMonthOfFirstPeriod, isFirstMonthOfPeriod } from '../../../billing/calendar/first-month.ts';
import { parseLocalDate } from '../../../billing/calendar/local-date.ts';
import { ruleOf } from './example-subscription.ts';

describe('the first month of a plan period', () => {
  test.each([
    ['yearly', 'calendar', '2023-05-17', '2024-01-31', true],
    ['yearly', 'calendar', '2023-05-17', '2024-02-01', false],
    ['yearly', 'calendar', '2023-05-17', '2024-05-17', false],
    ['semiannual', 'calendar', '2023-05-17', '2024-07-31', true],
    ['semiannual', 'calendar', '2023-05-17', '2024-01-01', true],
    ['semiannual', 'calendar', '2023-05-17', '2024-08-01', false],
    ['yearly', 'anniversary', '2024-01-31', '2025-02-27', true],
    ['yearly', 'anniversary', '2024-01-31', '2025-02-28', false],
    ['yearly', 'anniversary', '2024-01-31', '2025-01-31', true],
    ['yearly', 'anniversary', '2024-01-31', '2025-01-30', false],
    ['yearly', 'anniversary', '2020-02-29', '2023-03-28', true],
    ['yearly', 'anniversary', '2020-02-29', '2023-03-29', false],
    ['semiannual', 'anniversary', '2024-01-31', '2024-07-31', true],
    ['semiannual', 'anniversary', '2024-01-31', '2024-08-30', true],
    ['semiannual', 'anniversary', '2024-01-31', '2024-08-31', false],
    ['semiannual', 'anniversary', '2024-10-10', '2025-04-10', true],
    ['semiannual', 'anniversary', '2024-10-10', '2025-01-10', false],
    ['quarterly', 'calendar', '2023-05-17', '2024-04-01', true],
    ['monthly', 'anniversary', '2023-05-17', '2024-04-30', true],
    ['weekly', 'anniversary', '2023-05-17', '2024-04-30', true],
  ] as const)('%s %s of %s: %s %p', (interval, billingTime, anchor, date, expected) => {
    expect(isFirstMonthOfPeriod(parseLocalDate(date), ruleOf(interval, billingTime, anchor))).toBe(expected);
  });

  test.each([
    ['yearly', 'anniversary', '2024-01-31', '2024-02-28', true],
    ['yearly', 'anniversary', '2024-01-31', '2024-02-29', false],
    ['yearly', 'anniversary', '2024-01-31', '2025-01-31', false],
    ['yearly', 'calendar', '2024-01-10', '2024-01-31', true],
    ['yearly', 'calendar', '2023-05-17', '2024-01-01', false],
    ['semiannual', 'anniversary', '2024-10-10', '2024-11-09', true],
    ['semiannual', 'anniversary', '2024-10-10', '2025-04-10', false],
    // The second half year of a year is not the first period.
    ['semiannual', 'anniversary', '2024-01-10', '2024-07-10', false],
  ] as const)('of the first period, %s %s of %s: %s %p', (interval, billingTime, anchor, date, expected) => {
    expect(isFirstMonthOfFirstPeriod(parseLocalDate(date), ruleOf(interval, billingTime, anchor))).toBe(expected);
  });
});
