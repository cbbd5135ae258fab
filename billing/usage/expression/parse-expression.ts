import { Decimal } from '../../money/decimal.ts';
import { FUNCTIONS, type Expression, type FunctionName, type Operator } from './expression.ts';

/** Characters of an expression at most. */
export const EXPRESSION_LENGTH_MAX = 2000;

/** How deep brackets and calls may lie in each other. */
const DEPTH_MAX = 50;

/** Digits of a number that an expression names: as many as decimals keep. */
const DIGITS_MAX = 60;

const PRODUCT: readonly Operator[] = ['*', '/'];
const SUM: readonly Operator[] = ['+', '-'];

const DECIMAL = /\d+(?:\.\d+)?/y;
const TEXT = /'([^']*)'/y;
const VARIABLE = /event\.(?:(code|timestamp)|properties\.([A-Za-z][A-Za-z0-9_]*))/y;
const NAME = /[A-Za-z]+/y;

/** What does not follow the grammar; callers see `undefined`. */
class NotAnExpression extends Error {}

/**
 * Reads an expression (spec, usage 1.6): `1 + 2 * event.properties.a` is the sum of 1 and a product. Only spaces may
 * stand between its parts, and only one minus before a value.
 *
 * @returns undefined for what is none, too long, or nested too deep.
 */
export function parseExpression(text: string): Expression | undefined {
  if (text.length > EXPRESSION_LENGTH_MAX) return undefined;
  try {
    return new ExpressionReader(text).read();
  } catch (error) {
    if (error instanceof NotAnExpression) return undefined;
    throw error;
  }
}

class ExpressionReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Expression {
    const expression = this.#sum();
    this.#skipSpaces();
    if (this.#at < this.#text.length) throw new NotAnExpression();
    return expression;
  }

  #sum(): Expression {
    return this.#leftToRight(SUM, () => this.#leftToRight(PRODUCT, () => this.#atom()));
  }

  /** Parts with operators of one rank between them: the first two come first. */
  #leftToRight(operators: readonly Operator[], part: () => Expression): Expression {
    let left = part();
    for (;;) {
      const operator = operators.find((candidate) => this.#takes(candidate));
      if (operator === undefined) return left;
      left = { kind: 'operation', operator, left, right: part() };
    }
  }

  #atom(): Expression {
    return this.#takes('-') ? { kind: 'negation', of: this.#primary() } : this.#primary();
  }

  #primary(): Expression {
    if (this.#takes('(')) return this.#nested(() => this.#sum(), ')');
    const decimal = this.#match(DECIMAL);
    if (decimal) return { kind: 'decimal', value: decimalOf(decimal[0]) };
    const text = this.#match(TEXT);
    if (text) return { kind: 'text', value: text[1]! };
    const variable = this.#match(VARIABLE);
    if (variable?.[2] !== undefined) return { kind: 'property', name: variable[2] };
    if (variable) return { kind: 'event', field: variable[1] as 'code' | 'timestamp' };
    return this.#call();
  }

  #call(): Expression {
    const name = functionName(this.#match(NAME)?.[0] ?? '');
    if (name === undefined || !this.#takes('(')) throw new NotAnExpression();
    const values = this.#nested(() => this.#values(), ')');
    const { atLeast, atMost } = FUNCTIONS[name];
    if (values.length < atLeast || values.length > atMost) throw new NotAnExpression();
    return { kind: 'call', name, values };
  }

  #values(): readonly Expression[] {
    const values = [this.#sum()];
    while (this.#takes(',')) values.push(this.#sum());
    return values;
  }

  #nested<T>(read: () => T, closing: string): T {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw new NotAnExpression();
    const inner = read();
    if (!this.#takes(closing)) throw new NotAnExpression();
    this.#depth -= 1;
    return inner;
  }

  #takes(character: string): boolean {
    this.#skipSpaces();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    this.#skipSpaces();
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at += found[0].length;
    return found;
  }

  #skipSpaces(): void {
    while (this.#text[this.#at] === ' ') this.#at += 1;
  }
}

function decimalOf(digits: string): Decimal {
  if (digits.length > DIGITS_MAX) throw new NotAnExpression();
  return new Decimal(digits);
}

/** `round`, `ROUND` and `Round` are the same function; `rOUND` is none. */
function functionName(written: string): FunctionName | undefined {
  const name = written.toLowerCase();
  const isWritten = [name, name.toUpperCase(), name.slice(0, 1).toUpperCase() + name.slice(1)].includes(written);
  return isWritten && Object.hasOwn(FUNCTIONS, name) ? (name as FunctionName) : undefined;
}
