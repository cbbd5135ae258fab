import { z } from 'zod';
import { AGGREGATION_TYPES, isMetered } from '../../billing/billable-metrics/aggregation-types.ts';
import { ROUNDING_FUNCTIONS } from '../../billing/usage/metric-rounding.ts';
import { metricSchema } from '../../shapes/billable-metrics/billable-metric.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { unavailable, unavailableValues } from '../document/unavailable.ts';
import { NAME_LENGTH, TEXT_LENGTH, oneOf, optionalText, requiredText } from '../http/validation.ts';

/** Digits that a metric may round to, on either side of the point; a stored quantity has no more. */
const PRECISION_MAX = 30;

const FILTERS_MAX = 100;
const VALUES_MAX = 1_000;

/**
 * What is missing in a filter is reported under names of its own (`billing/billable-metrics/metric-filters.ts`), not by
 * its place in the list.
 */
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
  weighted_interval: z
    .enum(['seconds'])
    .nullish()
    .meta({ description: 'For `weighted_sum_agg`, which must have one.' }),
  expression: unavailable(optionalText(TEXT_LENGTH), 'A value that is calculated from an event.', isText),
  rounding_function: z.enum(ROUNDING_FUNCTIONS).nullish(),
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

export const metricAnswer = z.strictObject({ billable_metric: metricSchema });
export const metricListAnswer = z.strictObject({ billable_metrics: z.array(metricSchema), meta: metaSchema });
export const metricListQuery = z.object(pageQuery);
