import type { AggregationType } from '../usage/usage-totals.ts';

/** Every aggregation of the API (spec, usage 1.2), also the one that is never metered. */
export const AGGREGATION_TYPES = [
  'count_agg',
  'sum_agg',
  'max_agg',
  'unique_count_agg',
  'weighted_sum_agg',
  'latest_agg',
  'custom_agg',
] as const;

export type KnownAggregationType = (typeof AGGREGATION_TYPES)[number];

/** Whether events are metered by it: all but `custom_agg`, which would be a script of the metric's own. */
export const isMetered = (type: KnownAggregationType): type is AggregationType => type !== 'custom_agg';
