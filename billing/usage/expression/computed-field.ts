import { evaluateExpression, type EvaluatedEvent } from './evaluate-expression.ts';
import type { Expression } from './expression.ts';
import { parseExpression } from './parse-expression.ts';

/** A property of events that is computed. */
export interface ComputedField {
  readonly fieldName: string;
  readonly expression: Expression;
}

/**
 * The field of a metric that has an expression.
 *
 * @throws Error for a text that is no expression: it was checked when it was saved.
 */
export function computedField(fieldName: string, text: string): ComputedField {
  const expression = parseExpression(text);
  if (!expression) throw new Error(`no expression: ${text}`);
  return { fieldName, expression };
}

/**
 * An event whose property is what its metric's expression makes of it; the others are as they were sent (spec, usage
 * 1.6). `{ start: 2, end: 5 }` of `event.properties.end - event.properties.start` in `hours` gets `{ hours: '3.0' }`.
 *
 * @throws EvaluationError
 */
export const withComputedField = <Event extends EvaluatedEvent>(
  event: Event,
  { fieldName, expression }: ComputedField,
): Event => ({ ...event, properties: { ...event.properties, [fieldName]: evaluateExpression(expression, event) } });
