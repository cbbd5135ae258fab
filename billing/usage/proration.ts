import { epochDay } from '../calendar/epoch-day.ts';
import { localDate } from '../calendar/local-date.ts';

/** Digits after the point of prorated units, which are rounded up (spec, usage 10). */
export const PRORATED_DIGITS = 5;

/**
 * The local day of an instant, counted from 1970: the 2nd of January of that year is day 1.
 *
 * @param at microseconds since 1970, if not a date.
 */
export const localDay = (at: Date | bigint, timeZone: string): number =>
  epochDay(localDate(typeof at === 'bigint' ? new Date(Math.floor(Number(at) / 1000)) : at, timeZone));
