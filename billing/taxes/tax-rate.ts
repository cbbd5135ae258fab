import { Decimal, parseDecimalString } from '../money/decimal.ts';

/** Percent. More is a mistake in typing, and would soon be more than an invoice can say. */
const RATE_MAX = 10_000;

/** Why something is no rate (spec, money 1.1). */
export type TaxRateProblem = 'value_is_mandatory' | 'value_is_invalid' | 'value_is_out_of_range';

/**
 * Reads the rate of a tax, a JSON number or a text. It is kept as the number that answers show, so that what is billed
 * is what is shown.
 *
 * `20`, `"20"` and `"20.0"` are 20 %; `-1` and `10001` are out of range.
 */
export function taxRate(input: unknown): Decimal | TaxRateProblem {
  if (input == null || (typeof input === 'string' && input.trim() === '')) return 'value_is_mandatory';
  const value = decimalOf(input);
  if (value === undefined) return 'value_is_invalid';
  return value.lt(0) || value.gt(RATE_MAX) ? 'value_is_out_of_range' : new Decimal(value.toNumber());
}

function decimalOf(input: unknown): Decimal | undefined {
  if (typeof input === 'number') return Number.isFinite(input) ? new Decimal(input) : undefined;
  if (typeof input !== 'string') return undefined;
  const text = input.trim();
  return text.startsWith('-') ? parseDecimalString(text.slice(1))?.negated() : parseDecimalString(text);
}
