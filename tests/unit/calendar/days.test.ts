import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { days } from '../../../billing/calendar/days.ts';
import { addDays } from '../../../billing/calendar/epoch-day.ts';
import { endOfLocalDay, parseLocalDate, startOfLocalDay } from '../../../billing/calendar/local-date.ts';
import { anyDate, anyZone, at } from './example-subscription.ts';

describe('days between two instants', () => {
  test.each([
    ['2024-02-01T00:00:00Z', '2024-02-29T23:59:59.999Z', 'UTC', 29],
    ['2023-09-05T00:00:00Z', '2023-09-06T00:15:00Z', 'Europe/Paris', 2],
    ['2025-02-08T00:00:00Z', '2025-02-21T00:00:00Z', 'UTC', 14],
    ['2024-02-29T23:00:00Z', '2024-03-31T21:59:59.999Z', 'Europe/Paris', 31],
    ['2024-03-15T12:12:00Z', '2024-03-31T23:59:59.999Z', 'UTC', 17],
    // Elapsed time on the local clock, not calendar dates (spec, usage 5.2).
    ['2024-02-01T00:00:00Z', '2024-02-25T06:00:00Z', 'UTC', 25],
    ['2024-12-15T10:00:00Z', '2024-12-20T06:00:00Z', 'UTC', 5],
    // The autumn change makes the month an hour longer, not a day.
    ['2024-09-30T22:00:00Z', '2024-10-31T22:59:59.999Z', 'Europe/Paris', 31],
    // Half an hour of summer time on Lord Howe.
    ['2024-03-31T13:00:00Z', '2024-04-30T13:29:59.999Z', 'Australia/Lord_Howe', 30],
    // 4 November 2018 began at one o'clock in São Paulo.
    ['2018-11-04T03:00:00Z', '2018-11-05T01:59:59.999Z', 'America/Sao_Paulo', 1],
    // Samoa had no 30 December 2011; the month keeps its 31 days.
    ['2011-12-01T10:00:00Z', '2011-12-31T09:59:59.999Z', 'Pacific/Apia', 31],
    ['2024-05-01T10:00:00Z', '2024-05-01T10:00:00Z', 'UTC', 0],
    ['2024-05-01T00:00:00Z', '2024-05-01T00:00:00Z', 'UTC', 1],
    ['2024-05-03T10:00:00Z', '2024-05-01T09:00:00Z', 'UTC', -2],
    ['2024-05-01T10:00:01Z', '2024-05-01T10:00:00Z', 'UTC', 0],
  ])('%s to %s in %s: %d', (from, to, timeZone, expected) => {
    expect(days(at(from), at(to), timeZone)).toBe(expected);
  });

  test('a midnight counts only on the local clock', () => {
    const from = at('2025-02-07T23:00:00Z');
    expect(days(from, at('2025-02-20T23:00:00Z'), 'Europe/Paris')).toBe(14);
    expect(days(from, at('2025-02-21T00:00:00Z'), 'Europe/Paris')).toBe(14);
    expect(days(from, at('2025-02-20T22:59:59.999Z'), 'Europe/Paris')).toBe(13);
  });

  test('whole local days count as themselves in every zone, whatever the clocks do', () => {
    fc.assert(
      fc.property(anyZone, anyDate, fc.integer({ min: 1, max: 400 }), (timeZone, date, count) => {
        const first = parseLocalDate(date);
        const last = addDays(first, count - 1);
        fc.pre(exists(first, timeZone) && exists(last, timeZone));
        expect(days(startOfLocalDay(first, timeZone), endOfLocalDay(last, timeZone), timeZone)).toBe(count);
      }),
      { numRuns: 500 },
    );
  });
});

function exists(date: ReturnType<typeof parseLocalDate>, timeZone: string): boolean {
  return startOfLocalDay(date, timeZone) < endOfLocalDay(date, timeZone);
}
