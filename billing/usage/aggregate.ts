import type { ChargeUsage } from '../charges/charge-amount.ts';
import { Decimal } from '../money/decimal.ts';

/** How a billable metric turns events into units. */
export type AggregationType = 'count_agg' | 'sum_agg';

/** What the aggregation must know of a billable metric. */
export interface AggregatedMetric {
  readonly aggregationType: AggregationType;
  readonly recurring: boolean;
}

/** What the events of one external subscription, code and window add up to. */
export interface UsageTotals {
  readonly eventsCount: bigint;
  /** Events whose property, the metric's field, is a number in plain notation; only these are in `sum`. */
  readonly numericEventsCount: bigint;
  /** Exact, may be negative. */
  readonly sum: Decimal;
}

/** Units and events of a fee, not rounded yet: the metric's rounding follows in `billing/fees/usage-fee.ts` (spec, usage 1.3). */
export function aggregate({ aggregationType }: AggregatedMetric, totals: UsageTotals): ChargeUsage {
  switch (aggregationType) {
    case 'count_agg':
      return { units: new Decimal(totals.eventsCount.toString()), eventsCount: totals.eventsCount };
    case 'sum_agg':
      return { units: totals.sum, eventsCount: totals.numericEventsCount };
    default:
      return aggregationType satisfies never;
  }
}

/** Whether the whole history counts, that of earlier subscriptions with the same external id included (spec, usage 1.3). */
export const carriesOver = ({ aggregationType, recurring }: AggregatedMetric): boolean =>
  recurring && aggregationType === 'sum_agg';
