import type { MetricCommand } from '../../billing/billable-metrics/metric-definition.ts';
import { unavailableFields } from '../document/unavailable.ts';
import { metricUpdateSchema, type MetricInput } from './schema.ts';

/** A metric as it is asked for, new or changed. */
export const toMetricCommand = (input: MetricInput): MetricCommand => ({
  name: input.name,
  code: input.code,
  description: input.description,
  aggregationType: input.aggregation_type,
  fieldName: input.field_name,
  recurring: input.recurring,
  weightedInterval: input.weighted_interval,
  roundingFunction: input.rounding_function,
  roundingPrecision: input.rounding_precision,
  filters: input.filters,
  unavailable: unavailableFields(metricUpdateSchema, input),
});
