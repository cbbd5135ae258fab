import { DAY_MILLISECONDS } from './epoch-day.ts';

const SECOND = 1000;

/** The end, inclusive, of an invoiced window, and the time zone its invoice was computed in. */
export type InvoicedWindow = { readonly to: Date; readonly timeZone: string };

/** A window as the present time zone gives it: its start, cut at the start of service, and the days of its period. */
export type ComputedWindow = {
  readonly from: Date;
  readonly startedAt: Date;
  readonly timeZone: string;
  readonly periodDays: number;
};

/**
 * Where a usage or fixed-charge window begins when the customer's time zone changed since the last one: right after it,
 * so that no instant is billed twice or never. It must be its neighbour: nearer than half a period. The 26 hours that
 * any two zones lie apart would do for calendar periods (spec, subscriptions-and-invoices 3.2.5); an anniversary,
 * though, may become another date in the new zone, and 28 February and 1 March begin months that are up to five days
 * apart.
 *
 * @param last the newest window of the same kind that ended before this one; an empty one, which ends where service
 * began, covered nothing, not even that instant
 */
export function startAfterTimeZoneChange(computed: ComputedWindow, last: InvoicedWindow | null): Date {
  const { from, startedAt, timeZone, periodDays } = computed;
  if (last === null || last.timeZone === timeZone) return from;
  const isEmpty = last.to.getTime() <= startedAt.getTime();
  const next = isEmpty ? startedAt.getTime() : (Math.floor(last.to.getTime() / SECOND) + 1) * SECOND;
  const isNeighbour = Math.abs(from.getTime() - next) < (periodDays / 2) * DAY_MILLISECONDS;
  return isNeighbour ? new Date(next) : from;
}
