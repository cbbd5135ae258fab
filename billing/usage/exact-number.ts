import { Decimal } from '../money/decimal.ts';

// ES2027; TypeScript's libraries do not know it yet.
declare global {
  interface JSON {
    rawJSON(text: string): object;
    isRawJSON(value: unknown): boolean;
  }
}

/** Digits up to which a JavaScript number surely keeps a decimal without an exponent. */
const SAFE_LENGTH = 15;

/** Characters that the plain form of an event's number may have; a text of more is no number (spec, usage 1.3). */
export const NUMBER_LENGTH_MAX = 50;

/**
 * A JSON number that a JavaScript number would round: it keeps every digit, and is a number again in every JSON made of
 * it.
 */
export class ExactNumber {
  /** As it was written, such as `1.23456789012345678E+10`. */
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  toJSON(): object {
    return JSON.rawJSON(plainForm(this) ?? this.source);
  }
}

/** A reviver for `JSON.parse`: numbers that JavaScript would round become `ExactNumber`s. */
export function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined) return value;
  const isSafe = source.length <= SAFE_LENGTH && !/e/i.test(source);
  return isSafe || isKept(source, value) ? value : new ExactNumber(source);
}

/** decimal.js has exponents of 16 digits; what is beyond them it reads as zero or infinite, too. */
function isKept(source: string, value: number): boolean {
  if (value === 0) return !/[1-9]/.test(source.replace(/e.*/i, ''));
  return Number.isFinite(value) && new Decimal(source).eq(value);
}

/**
 * A number without exponent and trailing zeros, as a text of an event would have to say it (`12345678901.2345678`);
 * undefined beyond 50 characters.
 */
export function plainForm(number: number | ExactNumber): string | undefined {
  const isExact = number instanceof ExactNumber;
  const value = new Decimal(isExact ? number.source : number);
  // Zero is one of JavaScript's numbers, so here it is something too small even for decimal.js.
  if (!value.isFinite() || (isExact && value.isZero())) return undefined;
  // Not written out before that is known: an exponent of nine digits would be a text of a gigabyte.
  if (value.e >= NUMBER_LENGTH_MAX || value.decimalPlaces() >= NUMBER_LENGTH_MAX) return undefined;
  const text = value.toFixed();
  return text.length <= NUMBER_LENGTH_MAX ? text : undefined;
}
