import type { ChargeModel, EventFacts } from '../charges/charge-model.ts';
import { carriesOver, type AggregatedMetric } from './aggregate.ts';
import type { BucketCondition } from './bucket-condition.ts';
import type { UsageSpan } from './usage-history.ts';
import type { UsagePeriod } from './usage-period.ts';

/** What reading usage needs of a billable metric. */
export interface MeteredMetric extends AggregatedMetric {
  readonly id: string;
  readonly code: string;
  /** The property that is aggregated; null: none is. */
  readonly fieldName: string | null;
  /** Which definition of the metric this is: rollups that were made by another one are not read. */
  readonly definitionVersion: number;
}

/** One question to the events: what do those of an external subscription and a metric add up to within a window? */
export interface UsageSlot {
  /** Questions that one read answers have the same one. */
  readonly id: string;
  /**
   * Not the subscription's own id: the history of the customer's earlier ones with the same external id counts (spec,
   * usage 1.3).
   */
  readonly externalSubscriptionId: string;
  readonly metric: MeteredMetric;
  /** UTC, inclusive. */
  readonly from: Date;
  /** UTC, inclusive: event times are cut to milliseconds for this comparison. */
  readonly to: Date;
  /** What counts of the time up to `to` where more than the window does (`historyOf`); null: the window. */
  readonly history: readonly UsageSpan[] | null;
  /** The property names whose values the answer tells apart. */
  readonly keys: readonly string[];
  /** Which events count; null: all, and the answer has the values of all keys that decide it. */
  readonly condition: BucketCondition | null;
  /** Whether the answer has the number of each event. Rollups do not: all events are then read, one by one. */
  readonly withValues: boolean;
  /** What the answer has of the parts of the period; null: nothing. */
  readonly proration: Proration | null;
  /** Whether the answer has the sum of the amounts that the events bring, which is read in the same way. */
  readonly withAmounts: boolean;
}

/** How finely a prorated charge needs the usage of its period: by the customer's days, or event by event. */
export interface Proration {
  readonly by: 'days' | 'events';
  readonly timeZone: string;
}

/** Where prices differ by range, the order of events decides which of them are in it; else days are enough. */
export const prorationOf = (model: ChargeModel, { timeZone }: Pick<UsagePeriod, 'timeZone'>): Proration => ({
  by: model === 'graduated' ? 'events' : 'days',
  timeZone,
});

/** What a charge asks of its events: as little as its price needs. */
export interface UsageWish {
  readonly keys: readonly string[];
  readonly condition: BucketCondition | null;
  /** What the price asks of each event; a count knows it without reading them. */
  readonly facts: EventFacts;
  /** null: the charge is not prorated. */
  readonly proration: Proration | null;
}

/**
 * The events that a charge of a metric counts in a window; both ends inclusive, in UTC milliseconds (spec, usage 1.3).
 *
 * @param history what a carried-over aggregation sees where the external id was another customer's meanwhile; null:
 *   everything up to the end of the window.
 */
export function usageSlot(
  metric: MeteredMetric,
  externalSubscriptionId: string,
  { from, to }: { readonly from: Date; readonly to: Date },
  history: readonly UsageSpan[] | null,
  { keys, condition, facts, proration }: UsageWish,
): UsageSlot {
  const carried = carriesOver(metric) ? (history ?? [{ from: null, to }]) : null;
  const { aggregationType } = metric;
  const apart = condition && [condition, keys];
  const id = JSON.stringify([metric.id, metric.definitionVersion, externalSubscriptionId, from, to, carried, apart]);
  const isSum = aggregationType === 'sum_agg';
  const withValues = (isSum || aggregationType === 'max_agg') && facts === 'values';
  const withAmounts = isSum && facts === 'amounts';
  const wanted = { keys, condition, withValues, withAmounts, proration };
  return { id, externalSubscriptionId, metric, from, to, history: carried, ...wanted };
}

/**
 * Whether what the events of two groups add up to is not what both together do. The same value in two of them counts
 * once in both together, so that each bucket of a charge is asked for by itself.
 */
export const countsOncePerBucket = ({ aggregationType }: AggregatedMetric): boolean =>
  aggregationType === 'unique_count_agg';

/**
 * The fewest questions that answer these: those of one metric, subscription and window are asked as one, with the
 * keys of all.
 *
 * One charge of "storage" that is grouped by region and one that filters by class: one question by class and region.
 */
export function sharedSlots(slots: readonly UsageSlot[]): readonly UsageSlot[] {
  return [...Map.groupBy(slots, ({ id }) => id).values()].map((same) => {
    const keys = new Set(same.flatMap((slot) => slot.keys));
    return {
      ...same[0]!,
      keys: [...keys].toSorted(),
      withValues: same.some(({ withValues }) => withValues),
      withAmounts: same.some(({ withAmounts }) => withAmounts),
      proration: finest(same.flatMap(({ proration }) => proration ?? [])),
    };
  });
}

/** Days add up from events as well. Slots that are read together are of one subscription, and so of one time zone. */
const finest = (prorations: readonly Proration[]): Proration | null =>
  prorations.find(({ by }) => by === 'events') ?? prorations[0] ?? null;
