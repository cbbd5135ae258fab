import type { BillableMetric } from '../../db/entities/billable-metric.ts';
import { datetime } from '../formats.ts';

/** A metric as `GET /billable_metrics/:code` shows it (spec, usage 1.2). */
export const metricJson = (metric: BillableMetric) => ({
  lago_id: metric.id,
  name: metric.name,
  code: metric.code,
  description: metric.description ?? null,
  aggregation_type: metric.aggregationType,
  weighted_interval: null,
  recurring: metric.recurring,
  rounding_function: metric.roundingFunction ?? null,
  rounding_precision: metric.roundingPrecision ?? null,
  created_at: datetime(metric.createdAt),
  field_name: metric.fieldName ?? null,
  expression: null,
  filters: metric.filters.map(({ key, values }) => ({ key, values: [...values] })),
});

/** Every other answer also has the counts that old clients expect; they are always 0. */
export const metricJsonWithCounts = (metric: BillableMetric) => ({
  ...metricJson(metric),
  active_subscriptions_count: 0 as const,
  draft_invoices_count: 0 as const,
  plans_count: 0 as const,
});
