import { endOfLocalDay, localDate } from '../../../billing/calendar/local-date.ts';
import type { UsageSpan } from '../../../billing/usage/usage-history.ts';
import type { UsageSlot } from '../../../billing/usage/usage-slot.ts';

const HOUR_MS = 3_600_000;

/** The beginning of time, for PostgreSQL. */
const EVER = '-infinity';

/** A stretch of time: raw events [from, hoursFrom), rollups [hoursFrom, hoursTo), raw events [hoursTo, until). */
export interface SpanParts {
  readonly from: string;
  readonly hoursFrom: string;
  readonly hoursTo: string;
  readonly until: string;
}

/** A stretch of time whose events a slot counts. */
export interface SlotSpan extends UsageSpan {
  /** Whether it is history that carries over into the window. */
  readonly isBefore: boolean;
}

/**
 * The stretches of time that a slot counts, cut where its window begins and, for days that are asked for, where those
 * begin; none where they have no moment.
 */
export function spansOf({ from, to, history, proration }: UsageSlot): readonly SlotSpan[] {
  if (history === null) return [{ from, to, isBefore: false }];
  return history.flatMap((span) => {
    const before = { from: span.from, to: earlier(span.to, new Date(from.getTime() - 1)), isBefore: true };
    const within = { from: span.from !== null && span.from > from ? span.from : from, to: span.to };
    const parts = proration?.by === 'days' ? daysOf(within, proration.timeZone) : [within];
    return [before, ...parts.map((part) => ({ ...part, isBefore: false }))].filter(
      (part) => part.from === null || part.from <= part.to,
    );
  });
}

/** A stretch of time, cut where local days begin. */
function daysOf({ from, to }: { from: Date; to: Date }, timeZone: string): readonly UsageSpan[] {
  if (from > to) return [];
  const end = endOfLocalDay(localDate(from, timeZone), timeZone);
  if (end >= to) return [{ from, to }];
  return [{ from, to: end }, ...daysOf({ from: new Date(end.getTime() + 1), to }, timeZone)];
}

const earlier = (one: Date, other: Date): Date => (one < other ? one : other);

/** Half-open, and the end is a whole millisecond: so times of microseconds are compared as if cut to milliseconds. */
export function partsOf({ from, to }: UsageSpan): SpanParts {
  const until = to.getTime() + 1;
  const since = from === null ? -Infinity : from.getTime();
  const lastHour = Math.floor(until / HOUR_MS) * HOUR_MS;
  const firstHour = Math.ceil(since / HOUR_MS) * HOUR_MS;
  const [hoursFrom, hoursTo] = firstHour < lastHour ? [firstHour, lastHour] : [until, until];
  return {
    from: instant(since),
    hoursFrom: instant(hoursFrom),
    hoursTo: instant(hoursTo),
    until: instant(until),
  };
}

const instant = (milliseconds: number): string =>
  milliseconds === -Infinity ? EVER : new Date(milliseconds).toISOString();
