import { Decimal } from '../../../billing/money/decimal.ts';
import type { LatestValue } from '../../../billing/usage/usage-totals.ts';

/** Microseconds from the year 1, the first that an event may be of, to 1970. */
const FIRST_MICROSECOND = 62_135_596_800_000_000n;

/** Digits that the microseconds up to the year 9999 have, so that texts compare like numbers. */
const TIME_DIGITS = 18;

/**
 * SQL for an event's time, id and number as a text: of two, the later event's is the greater one, so that `max` finds
 * the latest of many, and of what was found before (spec, usage 1.3).
 *
 * @param event SQL for a row with `"timestamp"`, `id` and `value`.
 */
export const latestValue = (event: string): string =>
  `(lpad(((extract(epoch from ${event}."timestamp") * 1000000)::bigint + ${FIRST_MICROSECOND})::text,
         ${TIME_DIGITS}, '0') || ' ' || ${event}.id || ' ' || ${event}.value) collate "C"`;

/** What such a text says. */
export function latestOf(text: string): LatestValue {
  const [at, id, value] = text.split(' ') as [string, string, string];
  return { at: BigInt(at) - FIRST_MICROSECOND, id, value: new Decimal(value) };
}
