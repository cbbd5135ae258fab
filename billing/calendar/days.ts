import { Temporal } from 'temporal-polyfill/implementation';
import { DAY_MILLISECONDS } from './epoch-day.ts';

const SECOND = 1000;

/**
 * How many local days a stretch of time touches, `from` and `to` inclusive: the difference on the local clock, rounded
 * up. Any part of a day counts as one, a clock change adds or removes none, and a `to` at exactly a local midnight
 * counts the day that begins there. Zero or negative when `to` is before `from` (spec, subscriptions-and-invoices 0.1;
 * usage 5.2).
 */
export function days(from: Date, to: Date, timeZone: string): number {
  const end = wallClock(to, timeZone);
  const countedEnd = end % DAY_MILLISECONDS === 0 ? end + SECOND : end;
  // Adding zero turns -0 into 0.
  return Math.ceil((countedEnd - wallClock(from, timeZone)) / DAY_MILLISECONDS) + 0;
}

/** What the local clock shows, as if it were UTC, in milliseconds. */
function wallClock(instant: Date, timeZone: string): number {
  const milliseconds = instant.getTime();
  const local = Temporal.Instant.fromEpochMilliseconds(milliseconds).toZonedDateTimeISO(timeZone);
  return milliseconds + local.offsetNanoseconds / 1_000_000;
}
