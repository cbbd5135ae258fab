import type { ChargeUsage, EventValue } from '../charges/charge-amount.ts';
import { Decimal } from '../money/decimal.ts';
import type { AggregationType, TimedValue, UsageTotals } from './usage-totals.ts';

/** What the aggregation must know of a billable metric. */
export interface AggregatedMetric {
  readonly aggregationType: AggregationType;
  readonly recurring: boolean;
}

/**
 * Units and events of a fee, not rounded yet: the metric's rounding follows in `billing/fees/usage-fee.ts` (spec,
 * usage 1.3).
 *
 * 5 events, 3 of them with a number, that sum to 12.5: a count has 5 units of 5 events, a sum 12.5 units of 3 events.
 */
export function aggregate(totals: UsageTotals): ChargeUsage {
  switch (totals.aggregationType) {
    case 'count_agg':
      return {
        units: new Decimal(totals.eventsCount.toString()),
        eventsCount: totals.eventsCount,
        eventValues: 'one each',
      };
    case 'sum_agg':
      return {
        units: totals.sum,
        eventsCount: totals.numericEventsCount,
        ...(totals.eventValues && { eventValues: oldestFirst(totals.eventValues) }),
        ...(totals.eventAmountCents && { eventAmountCents: totals.eventAmountCents }),
      };
    default:
      return totals satisfies never;
  }
}

/** Events of one moment in the order in which they arrived (spec, usage 3.10). */
function oldestFirst(values: readonly TimedValue[]): readonly EventValue[] {
  const isBefore = (one: TimedValue, other: TimedValue): boolean =>
    one.at < other.at || (one.at === other.at && one.id < other.id);
  return values
    .toSorted((one, other) => (isBefore(one, other) ? -1 : 1))
    .map(({ value, isInPeriod }) => ({ value, isInPeriod }));
}

/**
 * Whether the whole history counts, that of earlier subscriptions with the same external id included (spec, usage 1.3).
 */
export const carriesOver = ({ aggregationType, recurring }: AggregatedMetric): boolean =>
  recurring && aggregationType === 'sum_agg';
