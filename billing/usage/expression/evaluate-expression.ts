import { Decimal, plainDecimal, roundDown, roundHalfAwayFromZero, roundUp } from '../../money/decimal.ts';
import { ExactNumber, NUMBER_LENGTH_MAX } from '../exact-number.ts';
import type { Expression, FunctionName, Operator } from './expression.ts';

/** What an expression sees of an event. */
export interface EvaluatedEvent {
  readonly code: string;
  /** Microseconds since 1970. */
  readonly timestamp: bigint;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** An expression that says nothing for an event; the message is for the event's sender. */
export class EvaluationError extends Error {}

/** Characters of the longest text that an event can have as a property. */
const TEXT_LENGTH_MAX = 10_000;

/** Digits after the point of a result at most, and digits to which functions round, on either side of the point. */
const DIGITS_MAX = 30;

/** The sign and the point of a number. */
const SIGN_AND_POINT = 2;

const DECIMAL_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

const MICROSECONDS_PER_SECOND = 1_000_000n;

type Value = Decimal | string;

/**
 * What an expression makes of an event, as the event's property holds it (spec, usage 1.6): `event.properties.a +
 * event.properties.b` of `{ a: '1', b: 2 }` is `'3.0'`.
 *
 * @throws EvaluationError for a property that is missing, a text where a number is needed, a division by zero, and what
 * is too long to be counted.
 */
export function evaluateExpression(expression: Expression, event: EvaluatedEvent): string {
  const value = evaluate(expression, event);
  return typeof value === 'string' ? value : plainDecimal(countable(value));
}

/** Rounded to the digits that a number of an event may have. */
function countable(value: Decimal): Decimal {
  const wholeDigits = Math.max(value.e + 1, 1);
  const room = NUMBER_LENGTH_MAX - SIGN_AND_POINT - wholeDigits;
  if (!value.isFinite() || room < 1) throw new EvaluationError('Result is out of range');
  return roundHalfAwayFromZero(value, Math.min(room, DIGITS_MAX));
}

function evaluate(expression: Expression, event: EvaluatedEvent): Value {
  switch (expression.kind) {
    case 'decimal':
    case 'text':
      return expression.value;
    case 'event':
      return expression.field === 'code' ? event.code : secondsOf(event.timestamp);
    case 'property':
      return propertyOf(event, expression.name);
    case 'negation':
      return number(evaluate(expression.of, event)).negated();
    case 'operation':
      return calculate(
        expression.operator,
        number(evaluate(expression.left, event)),
        number(evaluate(expression.right, event)),
      );
    case 'call':
      return call(
        expression.name,
        expression.values.map((value) => evaluate(value, event)),
      );
    default:
      return expression satisfies never;
  }
}

/** Whole seconds: their fraction is cut off. */
const secondsOf = (microseconds: bigint): Decimal => new Decimal((microseconds / MICROSECONDS_PER_SECOND).toString());

/** A text that says a number is one; what is neither text nor number is taken as its text. */
function propertyOf({ properties }: EvaluatedEvent, name: string): Value {
  if (!Object.hasOwn(properties, name)) throw new EvaluationError(`Variable: ${name} not found`);
  const sent = properties[name];
  if (sent instanceof ExactNumber) return new Decimal(sent.source);
  if (typeof sent === 'number') return new Decimal(sent);
  const text = typeof sent === 'string' ? sent : sent === null ? '' : JSON.stringify(sent);
  return text.length <= NUMBER_LENGTH_MAX && DECIMAL_TEXT.test(text) ? new Decimal(text) : text;
}

function number(value: Value | undefined): Decimal {
  if (value === undefined || typeof value === 'string') throw new EvaluationError('Expected a decimal');
  return value;
}

function calculate(operator: Operator, left: Decimal, right: Decimal): Decimal {
  switch (operator) {
    case '+':
      return left.plus(right);
    case '-':
      return left.minus(right);
    case '*':
      return left.times(right);
    case '/':
      if (right.isZero()) throw new EvaluationError('Division by zero');
      return left.div(right);
    default:
      return operator satisfies never;
  }
}

function call(name: FunctionName, values: readonly Value[]): Value {
  switch (name) {
    case 'concat':
      return concatenated(values);
    case 'least':
      return Decimal.min(...values.map(number));
    case 'greatest':
      return Decimal.max(...values.map(number));
    case 'round':
      return roundHalfAwayFromZero(number(values[0]), digitsOf(values[1]));
    case 'ceil':
      return roundUp(number(values[0]), digitsOf(values[1]));
    case 'floor':
      return roundDown(number(values[0]), digitsOf(values[1]));
    default:
      return name satisfies never;
  }
}

function concatenated(values: readonly Value[]): string {
  const text = values.map((value) => (typeof value === 'string' ? value : numberText(value))).join('');
  if (text.length > TEXT_LENGTH_MAX) throw new EvaluationError('Result is too long');
  return text;
}

/** As a number is written in a text: whole ones without a point. */
const numberText = (value: Decimal): string => countable(value).toFixed();

function digitsOf(value: Value | undefined): number {
  if (value === undefined) return 0;
  const digits = number(value).trunc();
  if (digits.abs().gt(DIGITS_MAX)) throw new EvaluationError('Digits are out of range');
  return digits.toNumber();
}
