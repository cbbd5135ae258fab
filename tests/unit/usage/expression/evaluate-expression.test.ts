import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ExactNumber } from '../../../../billing/usage/exact-number.ts';
import {
  EvaluationError,
  evaluateExpression,
  type EvaluatedEvent,
} from '../../../../billing/usage/expression/evaluate-expression.ts';
import { parseExpression } from '../../../../billing/usage/expression/parse-expression.ts';

type Properties = EvaluatedEvent['properties'];

const evaluate = (text: string, properties: Properties = {}): string =>
  evaluateExpression(parseExpression(text)!, { code: 'storage', timestamp: 1_709_251_200_999_999n, properties });

function kindOf(text: string, properties: Properties): 'number' | 'text' | 'error' {
  try {
    return /^(?=.{1,50}$)-?\d+\.\d+$/.test(evaluate(text, properties)) ? 'number' : 'text';
  } catch (error) {
    if (error instanceof EvaluationError) return 'error';
    throw error;
  }
}

// Spec, usage 1.6; behaviours S077, S078, S079.
describe('an expression', () => {
  test.each<[string, Properties, string]>([
    ['event.properties.a + event.properties.b', { a: '1', b: '2' }, '3.0'],
    ['round(event.properties.value * event.properties.units)', { value: 10.4, units: 2 }, '21.0'],
    ["concat(event.properties.foo, '-bar')", { foo: 'bar_0' }, 'bar_0-bar'],
    ["concat(event.properties.n, 'test')", { n: 1.23 }, '1.23test'],
    ['(123 - event.properties.p) / 10', { p: 1.23 }, '12.177'],
    ['ceil(12.351, 1)', {}, '12.4'],
    ['floor(12.351, 1)', {}, '12.3'],
    ['round(12.345, 2)', {}, '12.35'],
    ['round(12.5)', {}, '13.0'],
    ['round(-12.5)', {}, '-13.0'],
    ['round(12.34, -1)', {}, '10.0'],
    ['ceil(-1.5)', {}, '-1.0'],
    ['floor(-1.5)', {}, '-2.0'],
    ['least(event.properties.p, 5.0)', { p: '12.34' }, '5.0'],
    ['greatest(event.properties.p, 15.0)', { p: '12.34' }, '15.0'],
    ['2 + 3 * 4', {}, '14.0'],
    ['10 - 4 - 3', {}, '3.0'],
    ['2 * -3', {}, '-6.0'],
    ['-event.properties.a', { a: 4 }, '-4.0'],
    ["concat('test', '-', '123')", {}, 'test-123'],
    ["concat(1 + 1, '')", {}, '2'],
    ['event.code', {}, 'storage'],
    ['event.timestamp', {}, '1709251200.0'],
    ['event.properties.a', { a: '1e3' }, '1000.0'],
    ['event.properties.a', { a: new ExactNumber('12345678901234567890.5') }, '12345678901234567890.5'],
    ['event.properties.a', { a: true }, 'true'],
    ['event.properties.a', { a: null }, ''],
    ['event.properties.a', { a: { b: [1] } }, '{"b":[1]}'],
    ['1 / 3', {}, `0.${'3'.repeat(30)}`],
  ])('%s of %j is %j', (text, properties, result) => {
    expect(evaluate(text, properties)).toBe(result);
  });

  test.each<[string, Properties, string]>([
    ['event.properties.a + event.properties.b', { a: 1 }, 'Variable: b not found'],
    ['event.properties.constructor', {}, 'Variable: constructor not found'],
    ['event.properties.a + 1', { a: 'one' }, 'Expected a decimal'],
    ["-'text'", {}, 'Expected a decimal'],
    ["round(1, 'a')", {}, 'Expected a decimal'],
    ["least(1, 'a')", {}, 'Expected a decimal'],
    ['1 / (2 - 2)', {}, 'Division by zero'],
    ['round(1, 31)', {}, 'Digits are out of range'],
    ['event.properties.a * event.properties.a', { a: '1e40' }, 'Result is out of range'],
    ['concat(event.properties.a, event.properties.a)', { a: 'x'.repeat(6000) }, 'Result is too long'],
  ])('%s of %j is an error: %s', (text, properties, message) => {
    expect(() => evaluate(text, properties)).toThrow(new EvaluationError(message));
  });

  test('makes numbers that count, or says why it does not', () => {
    const operand = fc.constantFrom('event.properties.a', 'event.properties.b', '3', '0', "'x'");
    const operator = fc.constantFrom('+', '-', '*', '/');
    const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.constant(null));
    fc.assert(
      fc.property(fc.array(fc.tuple(operator, operand), { maxLength: 8 }), value, value, (parts, a, b) => {
        const text = `event.properties.a${parts.map(([sign, part]) => ` ${sign} ${part}`).join('')}`;
        expect(['number', 'text', 'error']).toContain(kindOf(text, { a, b }));
        expect(parts.length > 0 && kindOf(text, { a, b }) === 'text').toBe(false);
      }),
    );
  });
});
