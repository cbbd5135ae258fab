import { Temporal } from 'temporal-polyfill/implementation';

/** Milliseconds of a UTC day, and of a local day on a wall clock that nobody moves. */
export const DAY_MILLISECONDS = 86_400_000;

/** A calendar date as the number of days since 1970-01-01, for arithmetic that needs no calendar. */
export function epochDay(date: Temporal.PlainDate): number {
  return Date.UTC(date.year, date.month - 1, date.day) / DAY_MILLISECONDS;
}

/** The calendar date a number of days after 1970-01-01. Throws a RangeError when that is no date. */
export function dateOfEpochDay(day: number): Temporal.PlainDate {
  const midnight = new Date(day * DAY_MILLISECONDS);
  return new Temporal.PlainDate(midnight.getUTCFullYear(), midnight.getUTCMonth() + 1, midnight.getUTCDate());
}

/** The date a number of days later, or earlier when negative. */
export function addDays(date: Temporal.PlainDate, days: number): Temporal.PlainDate {
  return dateOfEpochDay(epochDay(date) + days);
}
