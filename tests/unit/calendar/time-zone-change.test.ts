import { describe, expect, test } from '@jest/globals';
import { boundaries } from '../../../billing/calendar/boundaries.ts';
import { nextDueDay } from '../../../billing/calendar/due-day.ts';
import { parseLocalDate } from '../../../billing/calendar/local-date.ts';
import { startAfterTimeZoneChange } from '../../../billing/calendar/time-zone-change.ts';
import { at, subscription, written } from './example-subscription.ts';

const SINCE_2020 = { startedAt: at('2020-01-01T00:00Z'), timeZone: 'America/New_York', periodDays: 31 };

describe('the start of a window after a change of time zone', () => {
  test.each([
    [
      'continues a window of another zone',
      '2021-01-01T05:00Z',
      '2020-12-31T22:59:59Z',
      'Europe/Paris',
      '2020-12-31T23:00Z',
    ],
    [
      'also one that is stored in milliseconds',
      '2021-01-01T05:00Z',
      '2020-12-31T22:59:59.999Z',
      'Europe/Paris',
      '2020-12-31T23:00Z',
    ],
    [
      'leaves out what the last window billed',
      '2020-12-31T10:00Z',
      '2020-12-31T22:59:59.999Z',
      'Europe/Paris',
      '2020-12-31T23:00Z',
    ],
    [
      'of the same zone is as computed',
      '2021-01-01T05:00Z',
      '2020-12-31T22:59:59.999Z',
      'America/New_York',
      '2021-01-01T05:00Z',
    ],
    ['25 hours away', '2021-01-01T05:00Z', '2020-12-31T03:59:59.999Z', 'Pacific/Kiritimati', '2020-12-31T04:00Z'],
    [
      'half a period away is no neighbour',
      '2021-01-01T05:00Z',
      '2020-12-16T16:59:59.999Z',
      'Europe/Paris',
      '2021-01-01T05:00Z',
    ],
    [
      'a period later is none either',
      '2021-01-01T05:00Z',
      '2021-01-31T22:59:59.999Z',
      'Europe/Paris',
      '2021-01-01T05:00Z',
    ],
  ])('%s', (_, from, lastTo, lastZone, expected) => {
    const last = { to: at(lastTo), timeZone: lastZone };
    expect(startAfterTimeZoneChange({ ...SINCE_2020, from: at(from) }, last)).toEqual(at(expected));
  });

  test('without a last window is as computed', () => {
    const from = at('2021-01-01T05:00Z');
    expect(startAfterTimeZoneChange({ ...SINCE_2020, from }, null)).toBe(from);
  });

  test('after an empty window of a starting invoice is where service began: that instant is not billed yet', () => {
    const startedAt = at('2021-01-01T00:00:00.250Z');
    const empty = { to: startedAt, timeZone: 'UTC' };
    for (const from of [startedAt, at('2021-01-01T05:00Z')]) {
      expect(startAfterTimeZoneChange({ ...SINCE_2020, startedAt, from }, empty)).toEqual(startedAt);
    }
  });
});

describe('windows after a change of time zone', () => {
  const terms = subscription({ subscriptionAt: at('2020-05-04T00:00Z'), interval: 'yearly', billChargesMonthly: true });

  test('each kind goes on where its own last window ended', () => {
    const lastWindows = {
      charges: { to: at('2020-11-30T22:59:59.999Z'), timeZone: 'Europe/Paris' },
      fixedCharges: { to: at('2019-12-31T14:59:59.999Z'), timeZone: 'Asia/Tokyo' },
    };
    const began = { ...terms, startedAt: at('2019-05-04T00:00Z') };
    const windows = boundaries(began, 'America/New_York', at('2021-01-01T05:00Z'), {
      currentUsage: false,
      lastWindows,
    });
    expect([windows.chargesFrom, windows.chargesTo].map(written)).toEqual([
      '2020-11-30T23:00:00.000Z',
      '2021-01-01T04:59:59.999Z',
    ]);
    expect([windows.fixedChargesFrom, windows.fixedChargesTo].map(written)).toEqual([
      '2019-12-31T15:00:00.000Z',
      '2021-01-01T04:59:59.999Z',
    ]);
    // The fee is for calendar days; its window follows the present zone alone.
    expect(written(windows.from)).toBe('2020-01-01T05:00:00.000Z');
  });
});

describe('due days after a change of time zone', () => {
  // 20:00 on the 15th in UTC is the 16th in Tokyo.
  const terms = subscription({ billingTime: 'anniversary', subscriptionAt: at('2024-01-15T20:00Z') });
  const beginning = { startedAt: at('2024-01-15T20:00Z'), createdAt: at('2024-01-15T20:00Z') };

  test('a move east that shifts the anchor does not bill the month again on the next day', () => {
    const due = nextDueDay(terms, beginning, 'Asia/Tokyo', parseLocalDate('2024-05-15'));
    expect(due).toMatchObject({ billingDay: '2024-06-16', periodKey: '2024-05-16' });
  });

  test('its windows meet', () => {
    const billed = { currentUsage: false, lastWindows: null };
    const inUtc = boundaries(terms, 'UTC', at('2024-05-15T00:00Z'), billed);
    const last = { to: inUtc.chargesTo ?? at(''), timeZone: 'UTC' };
    const inTokyo = boundaries(terms, 'Asia/Tokyo', at('2024-06-15T15:00Z'), {
      currentUsage: false,
      lastWindows: { charges: last, fixedCharges: last },
    });
    expect([written(inUtc.chargesTo), written(inTokyo.chargesFrom), written(inTokyo.chargesTo)]).toEqual([
      '2024-05-14T23:59:59.999Z',
      '2024-05-15T00:00:00.000Z',
      '2024-06-15T14:59:59.999Z',
    ]);
  });

  test('the month of an anchor that a move puts from 28 February to 1 March is not billed again either', () => {
    const february = subscription({ billingTime: 'anniversary', subscriptionAt: at('2023-02-28T20:00Z') });
    const began = { startedAt: at('2023-02-28T20:00Z'), createdAt: at('2023-02-28T20:00Z') };
    expect(nextDueDay(february, began, 'Asia/Tokyo', parseLocalDate('2023-05-28')).billingDay).toBe('2023-07-01');
    const last = { to: at('2023-05-27T23:59:59.999Z'), timeZone: 'UTC' };
    const lastWindows = { charges: last, fixedCharges: last };
    const windows = boundaries(february, 'Asia/Tokyo', at('2023-06-30T15:00Z'), { currentUsage: false, lastWindows });
    expect([windows.chargesFrom, windows.chargesTo].map(written)).toEqual([
      '2023-05-28T00:00:00.000Z',
      '2023-06-30T14:59:59.999Z',
    ]);
  });

  test('nor is a month skipped when a move puts it from 1 March to 28 February', () => {
    const march = subscription({ billingTime: 'anniversary', subscriptionAt: at('2023-02-28T20:00Z') });
    const began = { startedAt: at('2023-02-28T20:00Z'), createdAt: at('2023-02-28T20:00Z') };
    expect(nextDueDay(march, began, 'UTC', parseLocalDate('2023-06-01')).billingDay).toBe('2023-06-28');
  });

  test('a week is shorter, but as sure', () => {
    // Monday evening in UTC is Tuesday in Tokyo.
    const weekly = subscription({
      interval: 'weekly',
      billingTime: 'anniversary',
      subscriptionAt: at('2024-01-15T20:00Z'),
    });
    expect(nextDueDay(weekly, beginning, 'Asia/Tokyo', parseLocalDate('2024-05-13')).billingDay).toBe('2024-05-21');
    expect(nextDueDay(weekly, beginning, 'UTC', parseLocalDate('2024-05-14')).billingDay).toBe('2024-05-20');
  });

  test('a move west that shifts the anchor bills the next period a day earlier', () => {
    const due = nextDueDay(terms, beginning, 'UTC', parseLocalDate('2024-05-16'));
    expect(due).toMatchObject({ billingDay: '2024-06-15', periodKey: '2024-05-15' });
  });

  test('a move east before the first of the month was billed here bills it once', () => {
    const calendar = subscription({ subscriptionAt: at('2024-01-15T20:00Z') });
    expect(nextDueDay(calendar, beginning, 'Asia/Tokyo', parseLocalDate('2024-05-01'))).toMatchObject({
      billingDay: '2024-06-01',
      dueAt: at('2024-05-31T15:00Z'),
    });
  });
});
