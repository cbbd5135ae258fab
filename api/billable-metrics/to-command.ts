import type { MetricCommand } from '../../billing/billable-metrics/metric-definition.ts';
import type { EvaluatedEvent } from '../../billing/usage/expression/evaluate-expression.ts';
import { unavailableFields } from '../document/unavailable.ts';
import { isObject } from '../../billing/is-object.ts';
import { eventTime } from '../events/schema.ts';
import { microsecondsOf } from '../../db/types/microseconds.ts';
import { metricUpdateSchema, type EvaluationInput, type MetricInput } from './schema.ts';

/** A metric as it is asked for, new or changed. */
export const toMetricCommand = (input: MetricInput): MetricCommand => ({
  name: input.name,
  code: input.code,
  description: input.description,
  aggregationType: input.aggregation_type,
  fieldName: input.field_name,
  expression: input.expression,
  recurring: input.recurring,
  weightedInterval: input.weighted_interval,
  roundingFunction: input.rounding_function,
  roundingPrecision: input.rounding_precision,
  filters: input.filters,
  unavailable: unavailableFields(metricUpdateSchema, input),
});

/**
 * The event to try an expression on, without anything where there is none.
 *
 * @param now the organization's clock: the time of an event that names none.
 * @returns null: it is no event.
 */
export function toEvaluatedEvent({ event }: EvaluationInput, now: Date): EvaluatedEvent | null {
  const { code = '', timestamp, properties } = isObject(event) ? event : {};
  const isEvent = (event ?? null) === null || isObject(event);
  const time = eventTime.safeParse(timestamp);
  if (!isEvent || !time.success || typeof code !== 'string') return null;
  return { code, timestamp: time.data ?? microsecondsOf(now), properties: isObject(properties) ? properties : {} };
}
