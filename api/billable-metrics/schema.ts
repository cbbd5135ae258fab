import { z } from 'zod';
import type { AggregationType } from '../../billing/usage/aggregate.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { unavailable, unavailableByItself, unavailableValues } from '../document/unavailable.ts';
import { NAME_LENGTH, TEXT_LENGTH, oneOf, optionalText, requiredText } from '../http/validation.ts';

/** Digits that a metric may round to, on either side of the point; a stored quantity has no more. */
const PRECISION_MAX = 30;

const FILTERS_MAX = 100;
const VALUES_MAX = 1_000;

/** Every aggregation of the API (spec, usage 1.2). */
export const AGGREGATION_TYPES = [
  'count_agg',
  'sum_agg',
  'max_agg',
  'unique_count_agg',
  'weighted_sum_agg',
  'latest_agg',
  'custom_agg',
] as const;

/** Those that this version can meter. */
export const isMetered = (type: (typeof AGGREGATION_TYPES)[number]): type is AggregationType =>
  type === 'count_agg' || type === 'sum_agg';

/** What is missing in a filter is reported under names of its own (`definition.ts`), not by its place in the list. */
const filter = z
  .object({
    key: optionalText(),
    values: z.array(z.string().max(NAME_LENGTH)).max(VALUES_MAX).nullish(),
  })
  .meta({ id: 'BillableMetricFilterInput' });

const aggregationType = unavailableValues(
  oneOf(AGGREGATION_TYPES),
  AGGREGATION_TYPES.filter((type) => !isMetered(type)),
);

/** Blank is none. */
const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

const attributes = {
  description: optionalText(TEXT_LENGTH),
  field_name: optionalText(),
  recurring: z.boolean().nullish(),
  weighted_interval: unavailableByItself(z.enum(['seconds']).nullish(), 'Only for `weighted_sum_agg`.'),
  expression: unavailable(optionalText(TEXT_LENGTH), 'A value that is calculated from an event.', isText),
  rounding_function: z.enum(['round', 'ceil', 'floor']).nullish(),
  rounding_precision: z.int().min(-PRECISION_MAX).max(PRECISION_MAX).nullish(),
  filters: z.array(filter).max(FILTERS_MAX).nullish(),
};

export const metricCreateSchema = z
  .object({
    name: requiredText().meta({ examples: ['Storage'] }),
    code: requiredText().meta({ description: 'Events name it.', examples: ['storage'] }),
    aggregation_type: aggregationType,
    ...attributes,
  })
  .meta({ id: 'BillableMetricCreateInput' });

export const metricUpdateSchema = z
  .object({
    name: requiredText().optional(),
    code: requiredText().optional(),
    aggregation_type: aggregationType.optional(),
    ...attributes,
  })
  .meta({ id: 'BillableMetricUpdateInput' });

export type MetricInput = z.infer<typeof metricUpdateSchema>;

/** A count field kept for old clients (spec, behaviours S096). */
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
    rounding_function: z.enum(['round', 'ceil', 'floor']).nullable(),
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

export type MetricJson = z.infer<typeof metricSchema>;

export const metricAnswer = z.strictObject({ billable_metric: metricSchema });
export const metricListAnswer = z.strictObject({ billable_metrics: z.array(metricSchema), meta: metaSchema });
export const metricListQuery = z.object(pageQuery);
