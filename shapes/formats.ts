import { millisecondsOf } from '../db/types/microseconds.ts';

/** ISO 8601 in UTC with seconds: `2026-01-31T10:00:00Z` (spec, api 1.5). */
export function datetime(instant: Date): string;
export function datetime(instant: Date | null | undefined): string | null;
export function datetime(instant: Date | null | undefined): string | null {
  return instant ? instant.toISOString().replace(/\.\d{3}Z$/, 'Z') : null;
}

/** The same with milliseconds, for `subscription.started_at`. */
export function datetimeWithMilliseconds(instant: Date | null | undefined): string | null {
  return instant ? instant.toISOString() : null;
}

/** An event's timestamp: milliseconds of an instant in microseconds. */
export const eventTimestamp = (microseconds: bigint): string => new Date(millisecondsOf(microseconds)).toISOString();
