import { Decimal } from 'decimal.js';

// Set on the library's own class, not on a clone: a value made anywhere in the process then has the same digits and the
// same rounding. The default of 20 digits rounds sums silently. Exponents never appear, not even through toString.
Decimal.set({ precision: 60, rounding: Decimal.ROUND_HALF_UP, toExpNeg: -9e15, toExpPos: 9e15 });

/** The one decimal type of durabill: 60 significant digits, rounding half away from zero (spec, usage 10). */
export { Decimal };

/** Zero, shared because decimals are never changed in place. */
export const ZERO = new Decimal(0);

/** Digits after the point of a stored precise amount or unit price (spec, usage 10; money 0). */
export const PRECISE_DIGITS = 15;

const DECIMAL_STRING = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?$/;
const MAX_DECIMAL_STRING_LENGTH = 64;
// 25 + 30 digits: a sum of such values is still exact with 60.
const MAX_INTEGER_DIGITS = 25;
const MAX_FRACTION_DIGITS = 30;

/**
 * Writes a decimal as it goes over the wire: plain notation, at least one digit after the point, never an exponent
 * ("12.0", "0.5"; spec, usage 10). Throws a RangeError for NaN and infinities.
 */
export function plainDecimal(value: Decimal): string {
  if (!value.isFinite()) throw new RangeError(`not a finite decimal: ${value.toString()}`);
  const text = value.toFixed();
  return text.includes('.') ? text : `${text}.0`;
}

/**
 * Rounds half away from zero to a number of digits after the point (spec, usage 10). Negative digits round before the
 * point: -2 rounds to hundreds.
 */
export function roundHalfAwayFromZero(value: Decimal, digits: number): Decimal {
  return roundTo(value, digits, Decimal.ROUND_HALF_UP);
}

/** Rounds toward positive infinity to a number of digits after the point; negative digits round before it. */
export function roundUp(value: Decimal, digits: number): Decimal {
  return roundTo(value, digits, Decimal.ROUND_CEIL);
}

/** Rounds toward negative infinity to a number of digits after the point; negative digits round before it. */
export function roundDown(value: Decimal, digits: number): Decimal {
  return roundTo(value, digits, Decimal.ROUND_FLOOR);
}

function roundTo(value: Decimal, digits: number, rounding: Decimal.Rounding): Decimal {
  if (digits >= 0) return value.toDecimalPlaces(digits, rounding);
  const step = new Decimal(10).pow(-digits);
  return value.div(step).toDecimalPlaces(0, rounding).times(step);
}

/**
 * Reads a decimal string of a request: a JSON string with a finite decimal of at least 0 (spec, usage 3.4). A JSON
 * number is refused, and so is what could not be kept exactly: more than 64 characters, 25 digits before the point or
 * 30 after it. Answers undefined for everything that is not such a string.
 */
export function parseDecimalString(input: unknown): Decimal | undefined {
  if (typeof input !== 'string' || input.length > MAX_DECIMAL_STRING_LENGTH || !DECIMAL_STRING.test(input)) return;
  const value = new Decimal(input);
  if (value.isZero()) return ZERO;
  if (value.isNegative() || value.e >= MAX_INTEGER_DIGITS || value.decimalPlaces() > MAX_FRACTION_DIGITS) return;
  return value;
}
