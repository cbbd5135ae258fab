import { isBlank } from '../../blank-text.ts';
import { invalid } from '../../refusal.ts';
import { EvaluationError, evaluateExpression, type EvaluatedEvent } from './evaluate-expression.ts';
import { parseExpression } from './parse-expression.ts';

/**
 * What an expression would make of an event, before a metric has it (spec, usage 1.6): `round(event.properties.value)`
 * of `{ value: 2.4 }` is `2.0`.
 *
 * @param event null: not one that can be read.
 * @throws Refusal 422 `expression: value_is_mandatory` and `invalid_expression`, `event: invalid_event`.
 */
export function tryExpression(text: string | null, event: EvaluatedEvent | null): string {
  if (text === null || isBlank(text)) throw invalid({ expression: ['value_is_mandatory'] });
  const expression = parseExpression(text);
  if (!expression) throw invalid({ expression: ['invalid_expression'] });
  if (!event) throw INVALID_EVENT;
  try {
    return evaluateExpression(expression, event);
  } catch (error) {
    throw error instanceof EvaluationError ? INVALID_EVENT : error;
  }
}

const INVALID_EVENT = invalid({ event: ['invalid_event'] });
