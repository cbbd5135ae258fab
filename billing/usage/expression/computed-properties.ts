import { computedField, withComputedField } from './computed-field.ts';
import { EvaluationError, type EvaluatedEvent } from './evaluate-expression.ts';

/** What of a metric decides how a property of its events is computed. */
export interface ComputingMetric {
  readonly fieldName?: string | null | undefined;
  readonly expression?: string | null | undefined;
}

/** The properties of an event, or why the expression of its metric says nothing for it. */
export type ComputedProperties =
  | { readonly properties: EvaluatedEvent['properties']; readonly failure: null }
  | { readonly properties: null; readonly failure: string };

/**
 * The properties of an event that is not stored as they would be if it were (spec, usage 1.6). `{ a: 1, b: 2 }` of
 * `event.properties.a + event.properties.b` in `sum`: `{ a: 1, b: 2, sum: '3.0' }`; without `b`: no properties, and
 * `Variable: b not found`.
 */
export function computedProperties(
  event: EvaluatedEvent,
  { fieldName, expression }: ComputingMetric,
): ComputedProperties {
  if (fieldName == null || expression == null) return { properties: event.properties, failure: null };
  try {
    return { properties: withComputedField(event, computedField(fieldName, expression)).properties, failure: null };
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return { properties: null, failure: error.message };
  }
}

/** What the sender of an event is told (spec, usage 1.6). */
export const evaluationFailed = (message: string): string => `expression_evaluation_failed: ${message}`;
