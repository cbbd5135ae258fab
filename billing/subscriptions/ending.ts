import { isBefore, localDate } from '../calendar/local-date.ts';
import { invalid } from '../refusal.ts';

/**
 * Checks when a subscription is to end: on a later day than today and than its start, all by the customer's dates
 * (spec, subscriptions-and-invoices 2.2). On 15 January in Paris, one that began on 1 January may end on the 16th at
 * the earliest.
 *
 * @throws Refusal 422 `ending_at: invalid_date`.
 */
export function assertEnding(
  endingAt: Date,
  { now, subscriptionAt, timeZone }: { readonly now: Date; readonly subscriptionAt: Date; readonly timeZone: string },
): void {
  const day = localDate(endingAt, timeZone);
  const isLate = isBefore(localDate(now, timeZone), day) && isBefore(localDate(subscriptionAt, timeZone), day);
  if (!isLate) throw invalid({ ending_at: ['invalid_date'] });
}
