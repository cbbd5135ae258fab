import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plainDecimal, Decimal } from '../../../../billing/money/decimal.ts';
import type { Expression } from '../../../../billing/usage/expression/expression.ts';
import { EXPRESSION_LENGTH_MAX, parseExpression } from '../../../../billing/usage/expression/parse-expression.ts';

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,8}$/);

const { expression } = fc.letrec<{ expression: Expression }>((tie) => {
  const inner = tie('expression');
  return {
    expression: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.nat(10 ** 6).map((n): Expression => ({ kind: 'decimal', value: new Decimal(n).div(1000) })),
      fc.stringMatching(/^[^']{0,8}$/).map((value): Expression => ({ kind: 'text', value })),
      fc.constantFrom<Expression>({ kind: 'event', field: 'code' }, { kind: 'event', field: 'timestamp' }),
      name.map((property): Expression => ({ kind: 'property', name: property })),
      inner.map((of): Expression => ({ kind: 'negation', of })),
      fc
        .tuple(fc.constantFrom('+', '-', '*', '/'), inner, inner)
        .map(([operator, left, right]): Expression => ({ kind: 'operation', operator, left, right })),
      fc
        .tuple(fc.constantFrom('concat', 'least', 'greatest'), fc.array(inner, { minLength: 1, maxLength: 3 }))
        .map(([called, values]): Expression => ({ kind: 'call', name: called, values })),
      fc
        .tuple(fc.constantFrom('round', 'ceil', 'floor'), fc.array(inner, { minLength: 1, maxLength: 2 }))
        .map(([called, values]): Expression => ({ kind: 'call', name: called, values })),
    ),
  };
});

/** Every part but the simplest in brackets. */
function print(part: Expression): string {
  switch (part.kind) {
    case 'decimal':
      return plainDecimal(part.value);
    case 'text':
      return `'${part.value}'`;
    case 'event':
      return `event.${part.field}`;
    case 'property':
      return `event.properties.${part.name}`;
    case 'negation':
      return `- (${print(part.of)})`;
    case 'operation':
      return `(${print(part.left)}) ${part.operator}(${print(part.right)})`;
    case 'call':
      return `${part.name}(${part.values.map(print).join(' , ')})`;
    default:
      return part satisfies never;
  }
}

// Spec, usage 1.6.
describe('expressions', () => {
  test('read what is printed of them', () => {
    fc.assert(
      fc.property(expression, (tree) => {
        const text = print(tree);
        fc.pre(text.length <= EXPRESSION_LENGTH_MAX);
        expect(parseExpression(` ${text} `)).toEqual(tree);
      }),
    );
  });

  test('are none of most texts, and never an error', () => {
    const piece = fc.constantFrom('event.', 'properties.', 'a', '1', '.5', '+', '-', '(', ')', 'round(', ',', "'", ' ');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 12 }).map((all) => all.join('')),
        ),
        (text) => {
          expect(() => parseExpression(text)).not.toThrow();
        },
      ),
    );
  });

  test.each([
    '',
    ' ',
    '1+',
    '.5',
    '1.',
    '1e3',
    '--3',
    '+3',
    '1 2',
    '1\t+ 2',
    '(1',
    '1)',
    "'it''s'",
    "'open",
    'event',
    'event.id',
    'event.codes',
    'event.properties',
    'event.properties.',
    'event.properties.1a',
    'event.properties.a-b.c',
    'event . code',
    "event.properties['a']",
    'round()',
    'round(1, 2, 3)',
    'concat()',
    'rOUND(1)',
    'sqrt(4)',
    'constructor(1)',
    'round 1',
    '1'.repeat(61),
    `${'('.repeat(51)}1${')'.repeat(51)}`,
    `1${' + 1'.repeat(500)}`,
  ])('%j is none', (text) => {
    expect(parseExpression(text)).toBeUndefined();
  });

  test.each(['2 * -3', 'ROUND(1)', 'Ceil( 1 ,2 )', 'least(1)', `${'('.repeat(50)}1${')'.repeat(50)}`])(
    '%j is one',
    (text) => {
      expect(parseExpression(text)).toBeDefined();
    },
  );
});
