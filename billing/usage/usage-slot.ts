import { carriesOver, type AggregatedMetric } from './aggregate.ts';
import type { UsageSpan } from './usage-history.ts';

/** One question to the events: what do those of an external subscription and code add up to within a window? */
export interface UsageSlot {
  /** Not the subscription's own id: the history of the customer's earlier ones with the same external id counts (spec, usage 1.3). */
  readonly externalSubscriptionId: string;
  readonly code: string;
  /** The property whose numbers are summed; null: none is. */
  readonly fieldName: string | null;
  /** UTC, inclusive. */
  readonly from: Date;
  /** UTC, inclusive: event times are cut to milliseconds for this comparison. */
  readonly to: Date;
  /** True: everything before `from` counts as well. */
  readonly carriesOver: boolean;
  /** What counts of the time up to `to`, where the external id was another customer's meanwhile (`historyOf`). */
  readonly history?: readonly UsageSpan[];
  /** False while the metric's rollups are rebuilt: then the raw events are read. */
  readonly rolledUp: boolean;
}

/** What a slot needs of a billable metric. */
export interface MeteredMetric extends AggregatedMetric {
  readonly code: string;
  readonly fieldName: string | null;
  readonly rolledUp: boolean;
}

/** The events that a charge of a metric counts in a window; both ends inclusive, in UTC milliseconds (spec, usage 1.3). */
export function usageSlot(
  metric: MeteredMetric,
  externalSubscriptionId: string,
  window: { readonly from: Date; readonly to: Date },
  history: readonly UsageSpan[] | null = null,
): UsageSlot {
  return {
    externalSubscriptionId,
    code: metric.code,
    fieldName: metric.fieldName,
    from: window.from,
    to: window.to,
    carriesOver: carriesOver(metric),
    ...(history !== null && carriesOver(metric) && { history }),
    rolledUp: metric.rolledUp,
  };
}
