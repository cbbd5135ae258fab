import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill/implementation';
import { billingBase, billingRule, isBillingDay, periodKey } from '../../../billing/calendar/billing-day.ts';
import type { SplitBilling } from '../../../billing/calendar/billing-day.ts';
import { addDays } from '../../../billing/calendar/epoch-day.ts';
import { isBefore, parseLocalDate } from '../../../billing/calendar/local-date.ts';
import type { PlainDate } from '../../../billing/calendar/local-date.ts';
import { nextPeriodStart, periodStart } from '../../../billing/calendar/period.ts';
import type { PeriodRule } from '../../../billing/calendar/period.ts';
import { anyDate, anyRule, ruleOf } from './example-subscription.ts';

/** The first billing day strictly after a local date. */
const nextBillingDay = (after: PlainDate, rule: PeriodRule, split: SplitBilling): PlainDate =>
  nextPeriodStart(after, billingRule(rule, split));

const WHOLE = { monthly: false };
const SPLIT = { monthly: true };

/** The billing days of a stretch of days, both ends included. */
function billingDays(rule: PeriodRule, split: { monthly: boolean }, from: string, to: string): string[] {
  const found: string[] = [];
  for (let day = parseLocalDate(from); !isBefore(parseLocalDate(to), day); day = addDays(day, 1)) {
    if (isBillingDay(day, rule, split)) found.push(day.toString());
  }
  return found;
}

describe('billing days', () => {
  test('monthly anniversary of 31 December', () => {
    expect(billingDays(ruleOf('monthly', 'anniversary', '2022-12-31'), WHOLE, '2023-01-01', '2024-02-29')).toEqual([
      '2023-01-31',
      '2023-02-28',
      '2023-03-31',
      '2023-04-30',
      '2023-05-31',
      '2023-06-30',
      '2023-07-31',
      '2023-08-31',
      '2023-09-30',
      '2023-10-31',
      '2023-11-30',
      '2023-12-31',
      '2024-01-31',
      '2024-02-29',
    ]);
  });

  test('monthly anniversary of 30 April: never the 31st', () => {
    const days = billingDays(ruleOf('monthly', 'anniversary', '2022-04-30'), WHOLE, '2023-01-01', '2024-02-29');
    expect(days).toHaveLength(14);
    expect(days).toEqual(
      expect.arrayContaining(['2023-01-30', '2023-02-28', '2023-03-30', '2023-05-30', '2024-02-29']),
    );
    expect(days.filter((day) => day.endsWith('31'))).toEqual([]);
  });

  test('monthly anniversary of 28 February: the 28th of each month', () => {
    const days = billingDays(ruleOf('monthly', 'anniversary', '2022-02-28'), WHOLE, '2023-01-01', '2024-03-31');
    expect(days).toHaveLength(15);
    expect(days.every((day) => day.endsWith('-28'))).toBe(true);
  });

  test.each([
    ['quarterly', '2022-12-31', ['2023-03-31', '2023-06-30', '2023-09-30', '2023-12-31']],
    ['quarterly', '2023-02-04', ['2023-02-04', '2023-05-04', '2023-08-04', '2023-11-04']],
    ['semiannual', '2020-02-29', ['2023-02-28', '2023-08-29']],
    ['yearly', '2020-02-29', ['2023-02-28']],
    ['yearly', '2021-02-28', ['2023-02-28']],
  ] as const)('%s anniversary of %s in 2023', (interval, anchor, expected) => {
    expect(billingDays(ruleOf(interval, 'anniversary', anchor), WHOLE, '2023-01-01', '2023-12-31')).toEqual(expected);
  });

  test('a yearly anniversary of 29 February is billed on the 29th of a leap year, one of the 28th on the 28th', () => {
    const year = ['2024-01-01', '2024-12-31'] as const;
    expect(billingDays(ruleOf('yearly', 'anniversary', '2020-02-29'), WHOLE, ...year)).toEqual(['2024-02-29']);
    expect(billingDays(ruleOf('yearly', 'anniversary', '2021-02-28'), WHOLE, ...year)).toEqual(['2024-02-28']);
  });

  test('yearly anniversary of 4 February with monthly charges: every 4th', () => {
    const rule = ruleOf('yearly', 'anniversary', '2022-02-04');
    expect(billingDays(rule, SPLIT, '2023-01-01', '2023-03-31')).toEqual(['2023-01-04', '2023-02-04', '2023-03-04']);
    expect(billingDays(rule, WHOLE, '2023-01-01', '2023-12-31')).toEqual(['2023-02-04']);
  });

  test.each([
    ['weekly', WHOLE, ['2022-06-20', '2022-06-27', '2022-07-04']],
    ['monthly', WHOLE, ['2022-07-01']],
    ['quarterly', WHOLE, ['2022-07-01']],
    ['semiannual', WHOLE, ['2022-07-01']],
    ['yearly', WHOLE, []],
    ['yearly', SPLIT, ['2022-07-01']],
  ] as const)('calendar, %s (%p), from mid June to early July', (interval, split, expected) => {
    expect(billingDays(ruleOf(interval, 'calendar', '2021-11-17'), split, '2022-06-15', '2022-07-08')).toEqual(
      expected,
    );
  });

  test('a split semiannual calendar plan is billed on the first of every month, a whole one in January and July', () => {
    const rule = ruleOf('semiannual', 'calendar', '2021-11-17');
    expect(billingDays(rule, SPLIT, '2022-01-01', '2022-12-31')).toHaveLength(12);
    expect(billingDays(rule, WHOLE, '2022-01-01', '2022-12-31')).toEqual(['2022-01-01', '2022-07-01']);
  });

  test('a weekly anniversary keeps its weekday', () => {
    const rule = ruleOf('weekly', 'anniversary', '2023-05-02');
    expect(billingDays(rule, WHOLE, '2023-05-17', '2023-05-31')).toEqual(['2023-05-23', '2023-05-30']);
  });

  test('are the days of the table, told in other words', () => {
    fc.assert(
      fc.property(anyRule, fc.boolean(), anyDate, (rule, monthly, text) => {
        const split = { monthly: monthly && isYearlyOrSemiannual(rule) };
        const date = parseLocalDate(text);
        expect(isBillingDay(date, rule, split)).toBe(isInTable(date, rule, split.monthly));
      }),
      { numRuns: 1000 },
    );
  });

  test('the next one is the first that brute force finds', () => {
    fc.assert(
      fc.property(anyRule, fc.boolean(), anyDate, (rule, monthly, text) => {
        const split = { monthly: monthly && isYearlyOrSemiannual(rule) };
        let day = addDays(parseLocalDate(text), 1);
        while (!isInTable(day, rule, split.monthly)) day = addDays(day, 1);
        expect(nextBillingDay(parseLocalDate(text), rule, split).toString()).toBe(day.toString());
      }),
      { numRuns: 150 },
    );
  });
});

describe('the billing base', () => {
  test('lies in the period that ends with a billing day, as one interval earlier does', () => {
    fc.assert(
      fc.property(anyRule, anyDate, (rule, text) => {
        const day = nextBillingDay(parseLocalDate(text), rule, WHOLE);
        const base = periodStart(billingBase(day, rule), rule);
        expect(base.toString()).toBe(periodStart(oneIntervalEarlier(day, rule), rule).toString());
      }),
      { numRuns: 1000 },
    );
  });

  test('never lies in the running period, not even on the last day of one that began on 30 April', () => {
    const rule = ruleOf('monthly', 'anniversary', '2024-01-31');
    const lastDay = parseLocalDate('2024-05-30');
    expect(periodStart(lastDay, rule).toString()).toBe('2024-04-30');
    expect(periodStart(billingBase(lastDay, rule), rule).toString()).toBe('2024-03-31');
  });
});

describe('the period key', () => {
  test.each([
    ['monthly', 'anniversary', '2024-01-31', WHOLE, '2024-03-31', '2024-02-29'],
    ['monthly', 'calendar', '2024-01-31', WHOLE, '2024-03-01', '2024-02-01'],
    ['yearly', 'anniversary', '2024-01-31', WHOLE, '2025-01-31', '2024-01-31'],
    ['yearly', 'anniversary', '2024-01-31', SPLIT, '2025-01-31', '2024-12-31'],
    ['yearly', 'anniversary', '2024-01-31', SPLIT, '2024-02-29', '2024-01-31'],
    ['semiannual', 'calendar', '2024-01-31', SPLIT, '2024-07-01', '2024-06-01'],
    ['weekly', 'calendar', '2024-01-31', WHOLE, '2022-03-07', '2022-02-28'],
  ] as const)('%s %s of %s (%p), billed on %s: %s', (interval, billingTime, anchor, split, day, key) => {
    expect(periodKey(parseLocalDate(day), ruleOf(interval, billingTime, anchor), split)).toBe(key);
  });

  test('is unique and grows from billing day to billing day, and names the day billed before', () => {
    fc.assert(
      fc.property(anyRule, fc.boolean(), anyDate, (rule, monthly, text) => {
        const split = { monthly: monthly && isYearlyOrSemiannual(rule) };
        let day = nextBillingDay(parseLocalDate(text), rule, split);
        let key = periodKey(day, rule, split);
        for (let count = 0; count < 15; count += 1) {
          const next = nextBillingDay(day, rule, split);
          const nextKey = periodKey(next, rule, split);
          expect(nextKey > key).toBe(true);
          expect(nextKey).toBe(day.toString());
          [day, key] = [next, nextKey];
        }
      }),
      { numRuns: 300 },
    );
  });
});

function isYearlyOrSemiannual({ interval }: PeriodRule): boolean {
  return interval === 'yearly' || interval === 'semiannual';
}

/** The table of spec, subscriptions-and-invoices 4.1.6, row by row. */
function isInTable(date: PlainDate, { interval, billingTime, anchor }: PeriodRule, monthly: boolean): boolean {
  const { month, day } = date;
  const isLastOfMonth = day === date.daysInMonth;
  if (billingTime === 'calendar') {
    if (interval === 'weekly') return date.dayOfWeek === 1;
    const months = { monthly: 1, quarterly: 3, semiannual: 6, yearly: 12 }[interval];
    return day === 1 && (monthly || month % months === 1 % months);
  }
  const dayRule = day === anchor.day || (isLastOfMonth && anchor.day >= day);
  switch (interval) {
    case 'weekly':
      return date.dayOfWeek === anchor.dayOfWeek;
    case 'monthly':
      return dayRule;
    case 'quarterly':
      return dayRule && (month + 12 - anchor.month) % 3 === 0;
    case 'semiannual':
      return dayRule && (monthly || (month + 12 - anchor.month) % 6 === 0);
    case 'yearly': {
      if (monthly) return dayRule;
      const isFebruary28 = month === 2 && day === 28 && !date.inLeapYear && [28, 29].includes(anchor.day);
      return month === anchor.month && (day === anchor.day || isFebruary28);
    }
  }
}

/** The wording of spec, subscriptions-and-invoices 3.2.1, exception included. */
function oneIntervalEarlier(day: PlainDate, { interval, billingTime, anchor }: PeriodRule): PlainDate {
  if (interval === 'weekly') return day.subtract({ days: 7 });
  const months = { monthly: 1, quarterly: 3, semiannual: 6, yearly: 12 }[interval];
  const earlier = day.subtract({ months });
  const isException = billingTime === 'anniversary' && day.day === day.daysInMonth && day.day < anchor.day;
  if (!isException) return earlier;
  return new Temporal.PlainDate(earlier.year, earlier.month, Math.min(anchor.day, earlier.daysInMonth));
}

test('the rule of a split plan keeps the anchor', () => {
  const rule = ruleOf('yearly', 'anniversary', '2024-01-31');
  expect(billingRule(rule, SPLIT)).toEqual({ ...rule, interval: 'monthly' });
  expect(billingRule(rule, WHOLE)).toBe(rule);
});
