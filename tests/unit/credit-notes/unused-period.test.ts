import { describe, expect, test } from '@jest/globals';
import { unusedDays, type EndedService } from '../../../billing/credit-notes/unused-period.ts';
import { parseLocalDate } from '../../../billing/calendar/local-date.ts';

const OCTOBER: EndedService = {
  rule: { interval: 'monthly', billingTime: 'calendar', anchor: parseLocalDate('2022-01-01') },
  timeZone: 'UTC',
  startedAt: new Date('2022-01-01T00:00:00Z'),
  endedAt: new Date('2022-10-15T13:00:00Z'),
  planAmountCents: 3100n,
  trialEnd: null,
  isUpgrade: false,
};

const inDays = (change: Partial<EndedService>): string => {
  const { dayPriceCents, usedDays, unusedDays: unused } = unusedDays({ ...OCTOBER, ...change });
  return `${usedDays} used, ${unused} not, at ${dayPriceCents.toDecimalPlaces(3).toString()}`;
};

const anniversary = (anchor: string) =>
  ({ interval: 'monthly', billingTime: 'anniversary', anchor: parseLocalDate(anchor) }) as const;

describe('the days of a period that a subscription leaves unused', () => {
  test.each([
    ['the day of the end is used', {}, '15 used, 16 not, at 100'],
    ['for a dearer plan it is not', { isUpgrade: true }, '14 used, 17 not, at 100'],
    ['on the last day nothing is left', { endedAt: new Date('2022-10-31T23:59:59Z') }, '31 used, 0 not, at 100'],
    ['on the first day one is used', { endedAt: new Date('2022-10-01T00:00:00Z') }, '1 used, 30 not, at 100'],
    [
      'the first period is used since the start',
      { startedAt: new Date('2022-10-08T20:00:00Z') },
      '8 used, 16 not, at 100',
    ],
    [
      "the day is that of the customer's zone",
      { timeZone: 'America/New_York', endedAt: new Date('2022-10-16T03:59:00Z') },
      '15 used, 16 not, at 100',
    ],
    [
      'a clock that is put back makes no day',
      { timeZone: 'Europe/Paris', endedAt: new Date('2022-10-30T12:00:00Z') },
      '30 used, 1 not, at 100',
    ],
    [
      'of a week',
      { rule: { ...OCTOBER.rule, interval: 'weekly' }, planAmountCents: 2999n },
      // 15 October 2022 is a Saturday.
      '6 used, 1 not, at 428.429',
    ],
    ['of an anniversary', { rule: anniversary('2022-01-20') }, '26 used, 4 not, at 103.333'],
  ] as const)('%s', (_what, change, expected) => {
    expect(inDays(change)).toBe(expected);
  });

  test.each([
    ['over before the end: it is not used', '2022-10-05T13:00:00Z', '11 used, 16 not, at 100'],
    ['that ends on the day of the end', '2022-10-15T20:00:00Z', '1 used, 17 not, at 100'],
    ['that still runs', '2022-10-20T13:00:00Z', '0 used, 12 not, at 100'],
    ['longer than the period', '2022-11-05T13:00:00Z', '0 used, 0 not, at 100'],
    ['of an earlier period', '2022-09-05T13:00:00Z', '15 used, 16 not, at 100'],
  ])('with a trial %s', (_what, trialEnd, expected) => {
    expect(inDays({ trialEnd: new Date(trialEnd) })).toBe(expected);
  });
});
