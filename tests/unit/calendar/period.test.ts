import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from '../../../billing/calendar/epoch-day.ts';
import { parseLocalDate } from '../../../billing/calendar/local-date.ts';
import { nextPeriodStart, periodEnd, periodLength, periodStart } from '../../../billing/calendar/period.ts';
import type { PeriodRule } from '../../../billing/calendar/period.ts';
import { anyDate, anyRule, ruleOf } from './example-subscription.ts';

describe('anniversary periods', () => {
  test.each([
    ['monthly', '2024-01-31', '2024-01-31', '2024-02-28', 29],
    ['monthly', '2024-01-31', '2024-02-29', '2024-03-30', 31],
    ['monthly', '2024-01-31', '2024-03-31', '2024-04-29', 30],
    ['monthly', '2024-01-31', '2024-04-30', '2024-05-30', 31],
    ['monthly', '2023-01-29', '2023-01-29', '2023-02-27', 30],
    ['monthly', '2023-01-29', '2023-02-28', '2023-03-28', 29],
    ['monthly', '2023-01-29', '2023-03-29', '2023-04-28', 31],
    ['monthly', '2022-12-30', '2022-12-30', '2023-01-29', 31],
    ['monthly', '2022-12-30', '2023-01-30', '2023-02-27', 29],
    ['monthly', '2022-12-30', '2023-02-28', '2023-03-29', 30],
    ['quarterly', '2024-01-31', '2024-01-31', '2024-04-29', 90],
    ['quarterly', '2024-01-31', '2024-04-30', '2024-07-30', 92],
    ['quarterly', '2024-01-31', '2024-07-31', '2024-10-30', 92],
    ['quarterly', '2021-11-30', '2021-11-30', '2022-02-27', 90],
    ['quarterly', '2021-11-30', '2022-02-28', '2022-05-29', 91],
    ['quarterly', '2021-11-30', '2022-05-30', '2022-08-29', 92],
    ['semiannual', '2020-02-29', '2020-02-29', '2020-08-28', 182],
    ['semiannual', '2020-02-29', '2020-08-29', '2021-02-27', 183],
    ['semiannual', '2020-02-29', '2021-02-28', '2021-08-28', 182],
    ['semiannual', '2024-01-31', '2024-01-31', '2024-07-30', 182],
    ['semiannual', '2024-01-31', '2024-07-31', '2025-01-30', 184],
    ['yearly', '2020-02-29', '2020-02-29', '2021-02-27', 365],
    ['yearly', '2020-02-29', '2021-02-28', '2022-02-27', 365],
    ['yearly', '2020-02-29', '2023-02-28', '2024-02-28', 366],
    ['yearly', '2020-02-29', '2024-02-29', '2025-02-27', 365],
    ['yearly', '2024-01-31', '2024-01-31', '2025-01-30', 366],
  ] as const)('%s of %s: %s to %s, %d days', (interval, anchor, start, end, length) => {
    const rule = ruleOf(interval, 'anniversary', anchor);
    expect(periodEnd(parseLocalDate(start), rule).toString()).toBe(end);
    for (const date of [start, end]) {
      expect(periodStart(parseLocalDate(date), rule).toString()).toBe(start);
      expect(periodLength(parseLocalDate(date), rule)).toBe(length);
    }
  });

  test.each([
    ['quarterly', '2023-04-06', '2023-08-04', '2023-07-06'],
    ['weekly', '2021-02-02', '2022-03-07', '2022-03-01'],
    ['weekly', '2021-02-02', '2022-03-01', '2022-03-01'],
    ['quarterly', '2024-01-15', '2024-05-20', '2024-04-15'],
    ['yearly', '2023-06-29', '2023-09-28', '2023-06-29'],
    ['yearly', '2023-07-19', '2024-07-18', '2023-07-19'],
  ] as const)('%s of %s: the period of %s starts on %s', (interval, anchor, date, start) => {
    expect(periodStart(parseLocalDate(date), ruleOf(interval, 'anniversary', anchor)).toString()).toBe(start);
  });
});

describe('calendar periods', () => {
  test.each([
    ['weekly', '2022-03-07', '2022-03-07', '2022-03-13', 7],
    ['weekly', '2022-03-06', '2022-02-28', '2022-03-06', 7],
    ['monthly', '2022-02-15', '2022-02-01', '2022-02-28', 28],
    ['quarterly', '2022-06-30', '2022-04-01', '2022-06-30', 91],
    ['semiannual', '2022-06-30', '2022-01-01', '2022-06-30', 181],
    ['semiannual', '2020-01-01', '2020-01-01', '2020-06-30', 182],
    ['semiannual', '2020-07-01', '2020-07-01', '2020-12-31', 184],
    ['yearly', '2020-05-05', '2020-01-01', '2020-12-31', 366],
    ['yearly', '2021-12-31', '2021-01-01', '2021-12-31', 365],
  ] as const)('%s: the period of %s is %s to %s, %d days', (interval, date, start, end, length) => {
    // The anchor is of no account.
    const rule = ruleOf(interval, 'calendar', '2019-11-29');
    expect(periodStart(parseLocalDate(date), rule).toString()).toBe(start);
    expect(periodEnd(parseLocalDate(start), rule).toString()).toBe(end);
    expect(periodLength(parseLocalDate(date), rule)).toBe(length);
  });
});

describe('all periods', () => {
  test('the end of what is no period is refused', () => {
    expect(() => periodEnd(parseLocalDate('2024-02-02'), ruleOf('monthly', 'calendar', '2024-01-01'))).toThrow(
      'no calendar monthly period of 2024-01-01 starts on 2024-02-02',
    );
  });

  test('tile the calendar: each day lies in one period, each period begins where the last one ended', () => {
    fc.assert(
      fc.property(anyRule, anyDate, (rule, text) => {
        const start = periodStart(parseLocalDate(text), rule);
        const end = periodEnd(start, rule);
        const next = nextPeriodStart(start, rule);
        expect(addDays(end, 1).equals(next)).toBe(true);
        expect(periodStart(next, rule).equals(next)).toBe(true);
        expect(periodStart(addDays(start, -1), rule).equals(start)).toBe(false);
        let length = 0;
        for (let day = start; !day.equals(next); day = addDays(day, 1)) {
          if (!periodStart(day, rule).equals(start)) throw new Error(`${day.toString()} left its period`);
          length += 1;
        }
        expect(periodLength(end, rule)).toBe(length);
      }),
      { numRuns: 150 },
    );
  });

  test('start on the latest day of their form, found day by day', () => {
    fc.assert(
      fc.property(anyRule, anyDate, (rule, text) => {
        let date = new Date(`${text}T00:00:00Z`);
        while (!isOfForm(date, rule)) date = new Date(date.getTime() - 86_400_000);
        expect(periodStart(parseLocalDate(text), rule).toString()).toBe(date.toISOString().slice(0, 10));
      }),
      { numRuns: 500 },
    );
  });
});

/** The wording of spec, subscriptions-and-invoices 3.1, on JavaScript's own UTC dates. */
function isOfForm(date: Date, { interval, billingTime, anchor }: PeriodRule): boolean {
  const calendar = billingTime === 'calendar';
  const [anchorYear, anchorMonth, anchorDay] = calendar ? [2018, 1, 1] : [anchor.year, anchor.month, anchor.day];
  // 1 January 2018 was a Monday.
  const weekday = new Date(Date.UTC(anchorYear, anchorMonth - 1, anchorDay)).getUTCDay();
  if (interval === 'weekly') return date.getUTCDay() === weekday;
  const months = { monthly: 1, quarterly: 3, semiannual: 6, yearly: 12 }[interval];
  const lastOfMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  const isMonth = Math.abs(date.getUTCMonth() + 1 - anchorMonth) % months === 0;
  return isMonth && date.getUTCDate() === Math.min(anchorDay, lastOfMonth);
}
