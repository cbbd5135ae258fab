import type { Decimal } from '../../money/decimal.ts';

/** How a metric computes its field from an event (spec, usage 1.6): what `parseExpression` makes of a text. */
export type Expression =
  | { readonly kind: 'decimal'; readonly value: Decimal }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'event'; readonly field: 'code' | 'timestamp' }
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'negation'; readonly of: Expression }
  | { readonly kind: 'operation'; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly values: readonly Expression[] };

export type Operator = '+' | '-' | '*' | '/';

/** The functions, with how many values each takes. */
export const FUNCTIONS = {
  concat: { atLeast: 1, atMost: Infinity },
  round: { atLeast: 1, atMost: 2 },
  ceil: { atLeast: 1, atMost: 2 },
  floor: { atLeast: 1, atMost: 2 },
  least: { atLeast: 1, atMost: Infinity },
  greatest: { atLeast: 1, atMost: Infinity },
} as const;

export type FunctionName = keyof typeof FUNCTIONS;
