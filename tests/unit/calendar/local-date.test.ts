import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from '../../../billing/calendar/epoch-day.ts';
import {
  endOfLocalDay,
  isTimeZone,
  localDate,
  parseLocalDate,
  startOfLocalDay,
} from '../../../billing/calendar/local-date.ts';
import { anyDate, anyInstant, anyZone, at } from './example-subscription.ts';

describe('local days', () => {
  test.each([
    ['an ordinary day', 'Europe/Paris', '2024-07-14', '2024-07-13T22:00:00.000Z', '2024-07-14T21:59:59.999Z'],
    ['UTC', 'UTC', '2024-02-29', '2024-02-29T00:00:00.000Z', '2024-02-29T23:59:59.999Z'],
    ['23 hours', 'Europe/Paris', '2024-03-31', '2024-03-30T23:00:00.000Z', '2024-03-31T21:59:59.999Z'],
    ['25 hours', 'Europe/Paris', '2024-10-27', '2024-10-26T22:00:00.000Z', '2024-10-27T22:59:59.999Z'],
    ['three quarters', 'Asia/Kathmandu', '2024-01-01', '2023-12-31T18:15:00.000Z', '2024-01-01T18:14:59.999Z'],
    ['half an hour more', 'Australia/Lord_Howe', '2024-04-07', '2024-04-06T13:00:00.000Z', '2024-04-07T13:29:59.999Z'],
    ['no midnight', 'America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z', '2018-11-05T01:59:59.999Z'],
    ['the day before it', 'America/Sao_Paulo', '2018-11-03', '2018-11-03T03:00:00.000Z', '2018-11-04T02:59:59.999Z'],
    ['23:00 twice', 'America/Sao_Paulo', '2018-02-17', '2018-02-17T02:00:00.000Z', '2018-02-18T02:59:59.999Z'],
    ['no midnight', 'Africa/Cairo', '2024-04-26', '2024-04-25T22:00:00.000Z', '2024-04-26T20:59:59.999Z'],
    [
      'midnight twice, its first',
      'America/St_Johns',
      '2006-10-29',
      '2006-10-29T02:30:00.000Z',
      '2006-10-30T03:29:59.999Z',
    ],
    [
      'the last before Samoa jumped',
      'Pacific/Apia',
      '2011-12-29',
      '2011-12-29T10:00:00.000Z',
      '2011-12-30T09:59:59.999Z',
    ],
    ['the first after it', 'Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z', '2011-12-31T09:59:59.999Z'],
    ['the skipped one, empty', 'Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z', '2011-12-30T09:59:59.999Z'],
  ])('%s: %s %s', (_, timeZone, date, start, end) => {
    expect(startOfLocalDay(parseLocalDate(date), timeZone).toISOString()).toBe(start);
    expect(endOfLocalDay(parseLocalDate(date), timeZone).toISOString()).toBe(end);
  });

  test.each([
    ['2022-03-01T00:00:00Z', 'America/New_York', '2022-02-28'],
    ['2023-02-28T18:29:59.999Z', 'Asia/Kolkata', '2023-02-28'],
    ['2023-02-28T18:30:00Z', 'Asia/Kolkata', '2023-03-01'],
    ['2023-12-31T18:15:00Z', 'Asia/Kathmandu', '2024-01-01'],
    ['2011-12-30T09:59:59.999Z', 'Pacific/Apia', '2011-12-29'],
    ['2011-12-30T10:00:00Z', 'Pacific/Apia', '2011-12-31'],
    ['2018-02-18T02:30:00Z', 'America/Sao_Paulo', '2018-02-17'],
    // Newfoundland went back from 00:01 to 23:01: its 29 October had begun a minute before and goes on.
    ['2006-10-29T02:29:59.999Z', 'America/St_Johns', '2006-10-28'],
    ['2006-10-29T02:45:00Z', 'America/St_Johns', '2006-10-29'],
    ['1969-12-31T23:59:59.999Z', 'UTC', '1969-12-31'],
  ])('%s in %s is %s', (instant, timeZone, expected) => {
    expect(localDate(at(instant), timeZone).toString()).toBe(expected);
  });

  test('every instant lies in exactly one day', () => {
    fc.assert(
      fc.property(anyZone, anyInstant, (timeZone, instant) => {
        const date = localDate(instant, timeZone);
        expect(startOfLocalDay(date, timeZone).getTime()).toBeLessThanOrEqual(instant.getTime());
        expect(endOfLocalDay(date, timeZone).getTime()).toBeGreaterThanOrEqual(instant.getTime());
      }),
      { numRuns: 2000 },
    );
  });

  test('days follow each other without gap or overlap', () => {
    fc.assert(
      fc.property(anyZone, anyDate, (timeZone, text) => {
        const date = parseLocalDate(text);
        const next = startOfLocalDay(addDays(date, 1), timeZone).getTime();
        expect(endOfLocalDay(date, timeZone).getTime()).toBe(next - 1);
      }),
      { numRuns: 1000 },
    );
  });

  test('the date is the one on the wall, but where a clock tells an evening twice', () => {
    const walls = new Map<string, Intl.DateTimeFormat>();
    fc.assert(
      fc.property(anyZone, anyInstant, (timeZone, instant) => {
        const wall = walls.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
        walls.set(timeZone, wall);
        const hoursAgo = (hours: number): string => wall.format(instant.getTime() - hours * 3_600_000);
        // Told twice: some hours before, the wall had shown a later date than now.
        fc.pre([1, 2, 3].every((hours) => hoursAgo(hours) <= wall.format(instant)));
        expect(localDate(instant, timeZone).toString()).toBe(wall.format(instant));
      }),
      { numRuns: 1000 },
    );
  });

  test('many days of one zone are found again after its memory was emptied', () => {
    const first = parseLocalDate('2024-03-31');
    for (let day = 0; day < 1500; day += 1) startOfLocalDay(addDays(first, day), 'Europe/Madrid');
    expect(startOfLocalDay(first, 'Europe/Madrid').toISOString()).toBe('2024-03-30T23:00:00.000Z');
  });
});

describe('reading a date', () => {
  test('takes year, month and day', () => {
    expect(parseLocalDate('2024-02-29').toString()).toBe('2024-02-29');
  });

  test.each(['2023-02-29', '2024-2-29', '2024-02-29T00:00', '20240229', '+002024-02-29', '', '2024-13-01'])(
    'refuses %p',
    (text) => {
      expect(() => parseLocalDate(text)).toThrow(RangeError);
    },
  );
});

describe('time zone names', () => {
  test.each(['UTC', 'Europe/Paris', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata', 'Etc/GMT+5', 'America/New_York'])(
    '%s is one',
    (name) => {
      expect(isTimeZone(name)).toBe(true);
    },
  );

  test.each([
    '+02:00',
    '-0500',
    'Z',
    '',
    'Europe',
    'Europe/Atlantis',
    'europe/paris',
    'utc',
    '2024-01-01T00:00Z',
    ' UTC',
  ])('%p is none', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });

  test('every zone of the runtime is one', () => {
    expect(Intl.supportedValuesOf('timeZone').filter((name) => !isTimeZone(name))).toEqual([]);
  });
});
