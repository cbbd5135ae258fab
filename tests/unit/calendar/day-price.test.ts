import { describe, expect, test } from '@jest/globals';
import { boundaries } from '../../../billing/calendar/boundaries.ts';
import { dayPrice } from '../../../billing/calendar/day-price.ts';
import { localDate, parseLocalDate } from '../../../billing/calendar/local-date.ts';
import { planRule } from '../../../billing/calendar/subscription-terms.ts';
import { at, ruleOf, subscription } from './example-subscription.ts';

describe('the price of a day', () => {
  // What is billed on a day in arrears divides by the days of the period that ended.
  test.each([
    ['weekly', 'calendar', '2022-01-05', '2022-03-07', 7],
    ['weekly', 'anniversary', '2022-01-05', '2022-03-09', 7],
    ['monthly', 'calendar', '2022-01-05', '2022-03-01', 28],
    ['quarterly', 'calendar', '2022-01-05', '2022-07-01', 91],
    ['quarterly', 'anniversary', '2020-02-02', '2020-05-02', 90],
    ['quarterly', 'anniversary', '2020-02-02', '2021-05-02', 89],
    ['semiannual', 'calendar', '2021-01-05', '2021-07-01', 181],
    ['semiannual', 'calendar', '2020-01-05', '2020-07-01', 182],
    ['yearly', 'calendar', '2020-01-05', '2021-01-01', 366],
  ] as const)(
    '%s %s since %s, billed %s in arrears: the amount over %d',
    (interval, billingTime, since, billed, days) => {
      const terms = subscription({ interval, billingTime, subscriptionAt: at(`${since}T00:00:00Z`) });
      const windows = boundaries(terms, 'UTC', at(`${billed}T02:00:00Z`), { currentUsage: false, lastWindows: null });
      const feeStart = localDate(windows.from ?? at(''), 'UTC');
      // The divisor's thousandfold as the amount gives exactly 1000 a day.
      expect(dayPrice(BigInt(days) * 1000n, feeStart, planRule(terms, 'UTC')).toString()).toBe('1000');
      expect(windows.durationDays).toBe(days);
    },
  );

  test('divides by the whole period where service began inside it', () => {
    const rule = ruleOf('quarterly', 'anniversary', '2024-01-15');
    expect(dayPrice(91_000n, parseLocalDate('2024-05-20'), rule).toString()).toBe('1000');
  });

  test('keeps sixty digits', () => {
    const price = dayPrice(100n, parseLocalDate('2024-03-15'), ruleOf('monthly', 'calendar', '2024-03-15'));
    // 100/31 has a zero in the sixtieth place.
    expect(price.toString()).toBe('3.2258064516129032258064516129032258064516129032258064516129');
    expect(price.times(17).toFixed(4)).toBe('54.8387');
  });
});
