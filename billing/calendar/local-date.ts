import { Temporal } from 'temporal-polyfill/implementation';
import { DAY_MILLISECONDS, dateOfEpochDay, epochDay } from './epoch-day.ts';

/** A calendar date without time or zone: the local-date type of billing. */
export type PlainDate = Temporal.PlainDate;

// A day's first instant costs a walk through the zone's transitions, and a billing run asks for the same few days again
// and again. Zone rules never change within a process, so what was found stays true.
const firstInstants = new Map<string, Map<number, number>>();
const MAX_DAYS_A_ZONE = 1000;

/**
 * The local date of an instant in an IANA time zone (spec, subscriptions-and-invoices 0): the last day that has begun
 * by then. So every instant lies in exactly one day, from its startOfLocalDay to its endOfLocalDay. Where a clock falls
 * back across midnight and the end of a day is told twice, the second telling counts to the new day. A day that a zone
 * skips has no instant.
 */
export function localDate(instant: Date, timeZone: string): PlainDate {
  return dateOfEpochDay(localEpochDay(instant.getTime(), timeZone));
}

function localEpochDay(milliseconds: number, timeZone: string): number {
  // No zone is a whole day from UTC, so the date is yesterday's, today's or tomorrow's of UTC.
  const utcDay = Math.floor(milliseconds / DAY_MILLISECONDS);
  if (firstInstant(utcDay + 1, timeZone) <= milliseconds) return utcDay + 1;
  return firstInstant(utcDay, timeZone) <= milliseconds ? utcDay : utcDay - 1;
}

/**
 * The first instant of a local day: its midnight, or the end of the clock change where that midnight does not exist, or
 * the first of two midnights. Of a day that the zone skips: the first instant of the day after it.
 */
export function startOfLocalDay(date: PlainDate, timeZone: string): Date {
  return new Date(firstInstant(epochDay(date), timeZone));
}

/** The last millisecond before the next local day begins, inclusive (spec, subscriptions-and-invoices 0). */
export function endOfLocalDay(date: PlainDate, timeZone: string): Date {
  return new Date(firstInstant(epochDay(date) + 1, timeZone) - 1);
}

function firstInstant(day: number, timeZone: string): number {
  const known = firstInstants.get(timeZone)?.get(day);
  if (known !== undefined) return known;
  const found = dateOfEpochDay(day).toZonedDateTime(timeZone).epochMilliseconds;
  let days = firstInstants.get(timeZone);
  if (days === undefined || days.size >= MAX_DAYS_A_ZONE) {
    days = new Map();
    firstInstants.set(timeZone, days);
  }
  days.set(day, found);
  return found;
}

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Reads a 'YYYY-MM-DD' date. Throws a RangeError for anything else and for dates that do not exist. */
export function parseLocalDate(text: string): PlainDate {
  if (!ISO_DATE.test(text)) throw new RangeError(`not a date like 2024-02-29: ${text}`);
  return Temporal.PlainDate.from(text, { overflow: 'reject' });
}

/** Whether the first date lies before the second. */
export function isBefore(date: PlainDate, other: PlainDate): boolean {
  return Temporal.PlainDate.compare(date, other) < 0;
}

/** The later of two dates. */
export function laterOf(date: PlainDate, other: PlainDate): PlainDate {
  return isBefore(date, other) ? other : date;
}

// Temporal also reads offsets ("+02:00") and whole timestamps as time zones; neither is a place whose days can be
// billed.
const IANA_NAME = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/;

/** Whether a name is an IANA time zone ("Europe/Paris", "UTC"), spelled as IANA spells it. */
export function isTimeZone(name: string): boolean {
  if (!IANA_NAME.test(name)) return false;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId === name;
  } catch {
    return false;
  }
}
