import { latestValue } from './latest-value.ts';

/** The columns of a rollup that say what its events add up to. */
export const ROLLUP_TOTALS = 'events_count, numeric_events_count, sum, amount, max, latest, moment';

/**
 * SQL for those columns, as they arrive, as they are rolled up again and as they are audited. The last three are kept
 * for the aggregation that needs them.
 *
 * @param aggregation SQL for the metric's aggregation type.
 * @param event SQL for rows of events with `id`, `"timestamp"`, `value`, `amount` and the `hour` that they are in.
 */
export const rollupTotals = (aggregation: string, event: string): string => `
  count(*), count(${event}.value), coalesce(sum(${event}.value), 0),
  sum(${event}.amount) filter (where ${event}.value is not null),
  max(${event}.value) filter (where ${aggregation} = 'max_agg'),
  max(${latestValue(event)}) filter (where ${event}.value is not null and ${aggregation} = 'latest_agg'),
  sum(${event}.value * extract(epoch from ${event}."timestamp" - ${event}.hour))
    filter (where ${aggregation} = 'weighted_sum_agg')`;

/** SQL that adds what events arrive with to the rollup that is there. Null: none has any. */
export const ADD_TO_ROLLUP = `
  events_count = usage_rollups.events_count + excluded.events_count,
  numeric_events_count = usage_rollups.numeric_events_count + excluded.numeric_events_count,
  sum = usage_rollups.sum + excluded.sum,
  amount = coalesce(usage_rollups.amount + excluded.amount, usage_rollups.amount, excluded.amount),
  max = greatest(usage_rollups.max, excluded.max),
  latest = greatest(usage_rollups.latest, excluded.latest),
  moment = coalesce(usage_rollups.moment + excluded.moment, usage_rollups.moment, excluded.moment)`;
