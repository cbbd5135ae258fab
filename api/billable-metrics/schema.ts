import { z } from 'zod';
import { AGGREGATION_TYPES, isMetered } from '../../billing/billable-metrics/aggregation-types.ts';
import { ROUNDING_FUNCTIONS } from '../../billing/usage/metric-rounding.ts';
import { metricSchema } from '../../shapes/billable-metrics/billable-metric.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { unavailableValues } from '../document/unavailable.ts';
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

const attributes = {
  description: optionalText(TEXT_LENGTH),
  field_name: optionalText(),
  recurring: z.boolean().nullish(),
  weighted_interval: z
    .enum(['seconds'])
    .nullish()
    .meta({ description: 'For `weighted_sum_agg`, which must have one.' }),
  expression: optionalText(TEXT_LENGTH).meta({
    description: 'Computes the field of each event as it arrives; blank: it is sent.',
    examples: ['event.properties.started_at - event.properties.ended_at'],
  }),
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

/** An event to try an expression on. What is wrong with it is told under one name (`try-expression.ts`). */
export const evaluationInput = z
  .object({
    expression: optionalText(TEXT_LENGTH).meta({ examples: ['round(event.properties.value)'] }),
    event: z
      .unknown()
      .optional()
      .meta({
        override: {
          type: ['object', 'null'],
          properties: {
            code: { type: 'string' },
            timestamp: { type: ['number', 'string', 'null'], description: 'Seconds since 1970; now, unless given.' },
            properties: { type: 'object', additionalProperties: true },
          },
        },
        examples: [{ code: 'storage', properties: { value: 2.4 } }],
      }),
  })
  .meta({ id: 'ExpressionEvaluationInput' });
export type EvaluationInput = z.infer<typeof evaluationInput>;

export const evaluationAnswer = z.strictObject({
  expression_result: z.strictObject({ value: z.string().meta({ examples: ['2.0'] }) }),
});
