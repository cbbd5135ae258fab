import { z } from 'zod';
import { AGGREGATION_TYPES } from '../../billing/billable-metrics/aggregation-types.ts';
import { ROUNDING_FUNCTIONS } from '../../billing/usage/metric-rounding.ts';
import type { BillableMetric } from '../../db/entities/usage/billable-metric.ts';
import { datetime } from '../formats.ts';

/** A count that old clients expect (spec, behaviours S096). */
const zero = z.literal(0).optional().meta({ description: 'Always 0.' });

export const metricSchema = z
  .strictObject({
    lago_id: z.uuid(),
    name: z.string(),
    code: z.string(),
    description: z.string().nullable(),
    aggregation_type: z.enum(AGGREGATION_TYPES),
    weighted_interval: z.literal('seconds').nullable(),
    recurring: z.boolean(),
    rounding_function: z.enum(ROUNDING_FUNCTIONS).nullable(),
    rounding_precision: z.int().nullable(),
    created_at: z.string().meta({ format: 'date-time' }),
    field_name: z.string().nullable(),
    expression: z.string().nullable(),
    filters: z.array(z.strictObject({ key: z.string(), values: z.array(z.string()) })),
    active_subscriptions_count: zero,
    draft_invoices_count: zero,
    plans_count: zero,
  })
  .meta({ id: 'BillableMetric' });

type MetricJson = z.infer<typeof metricSchema>;

/** A metric as `GET /billable_metrics/:code` and webhooks show it (spec, usage 1.2). */
export const metricJson = (metric: BillableMetric): MetricJson => ({
  lago_id: metric.id,
  name: metric.name,
  code: metric.code,
  description: metric.description ?? null,
  aggregation_type: metric.aggregationType,
  weighted_interval: metric.weightedInterval ?? null,
  recurring: metric.recurring,
  rounding_function: metric.roundingFunction ?? null,
  rounding_precision: metric.roundingPrecision ?? null,
  created_at: datetime(metric.createdAt),
  field_name: metric.fieldName ?? null,
  expression: metric.expression ?? null,
  filters: metric.filters.map(({ key, values }) => ({ key, values: [...values] })),
});

/** Every other answer also has the counts that old clients expect; they are always 0. */
export const metricJsonWithCounts = (metric: BillableMetric): MetricJson => ({
  ...metricJson(metric),
  active_subscriptions_count: 0,
  draft_invoices_count: 0,
  plans_count: 0,
});
