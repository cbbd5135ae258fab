import type { AggregationType } from '../usage/usage-totals.ts';

/** Every aggregation of the API (spec, usage 1.2), also those that this version cannot meter. */
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

/** Whether this version can meter it: `sum_agg` yes, `max_agg` not yet. */
export const isMetered = (type: KnownAggregationType): type is AggregationType =>
  type === 'count_agg' || type === 'sum_agg';
