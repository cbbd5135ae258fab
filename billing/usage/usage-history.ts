/** A stretch of time, both ends inclusive, in UTC milliseconds; `from` null: since ever. */
export interface UsageSpan {
  readonly from: Date | null;
  readonly to: Date;
}

/** Since when the events of an external id belong to a customer, through one or more subscriptions in a row. */
export interface Tenure {
  readonly customerId: string;
  readonly from: Date;
}

/**
 * The history that a carried-over aggregation of a customer sees: the time of that customer's own subscriptions with
 * the external id (spec, decisions). Each instant belongs to the subscription that began last before it, and what was
 * before the first one to the first. So of c from March, d from April and c again from May, c sees all but April.
 *
 * @param tenures of all customers who have had the external id, the oldest first.
 * @param until the end of the window, inclusive.
 */
export function historyOf(customerId: string, tenures: readonly Tenure[], until: Date): readonly UsageSpan[] {
  return tenures.flatMap((tenure, index) => {
    const next = tenures[index + 1]?.from;
    const from = index === 0 ? null : tenure.from;
    const to = next && next <= until ? new Date(next.getTime() - 1) : until;
    const isOver = from !== null && from > to;
    return tenure.customerId === customerId && !isOver ? [{ from, to }] : [];
  });
}
