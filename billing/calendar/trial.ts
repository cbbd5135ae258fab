import { DAY_MILLISECONDS } from './epoch-day.ts';
import { localDate } from './local-date.ts';

/**
 * When a trial ends, exclusive: days of 24 hours after the initial start, parts of a day included, whatever the clocks
 * do. `initialStart` is the earliest start among the customer's subscriptions with that external id, so that neither an
 * upgrade nor a new subscription begins a second trial (spec, subscriptions-and-invoices 5.2).
 */
export function trialEnd(initialStart: Date, trialPeriodDays: number): Date {
  return new Date(initialStart.getTime() + Math.round(trialPeriodDays * DAY_MILLISECONDS));
}

/** Whether a plan has a trial at all: more than no days (spec, subscriptions-and-invoices 1.2). */
export function hasTrial(trialPeriodDays: number | null): trialPeriodDays is number {
  return trialPeriodDays !== null && trialPeriodDays > 0;
}

/** Whether the trial still runs at an instant; at its very end it does not. */
export function isInTrial(at: Date, end: Date): boolean {
  return at.getTime() < end.getTime();
}

/**
 * Whether a trial suppresses the subscription fee of a billing instant: it still runs then and does not end on the same
 * local day. A trial that ends later on the billing day leaves the full fee to the periodic invoice (spec,
 * subscriptions-and-invoices 5.1 c, 5.3).
 */
export function isFeeSuppressedByTrial(at: Date, end: Date, timeZone: string): boolean {
  return isInTrial(at, end) && !localDate(at, timeZone).equals(localDate(end, timeZone));
}
