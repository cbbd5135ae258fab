import { Decimal, parseDecimalString, roundHalfAwayFromZero } from '../money/decimal.ts';

/** Digits after the point of a stored rate (spec, money 0). */
const RATE_DIGITS = 5;

/** Percent: what the stored rate can be at most. */
const RATE_MAX = new Decimal('99999.99999');

/** Why something is no rate. */
export type CouponRateProblem = 'value_is_invalid' | 'value_is_out_of_range';

/**
 * Reads the rate of a percentage coupon, a text or a JSON number, as it is stored. A rate above 100 is fine: it takes
 * off all there is (spec, money 2.1, 2.5).
 *
 * `"10.0"` and `10` are 10 %, `"33.333333"` is kept as 33.33333 %; `"-1"` is out of range.
 *
 * @returns null: there is none.
 */
export function couponRate(input: unknown): Decimal | CouponRateProblem | null {
  if (input == null || (typeof input === 'string' && input.trim() === '')) return null;
  const text = typeof input === 'number' ? new Decimal(input).toFixed() : input;
  if (typeof text !== 'string') return 'value_is_invalid';
  const isNegative = text.trim().startsWith('-');
  const read = parseDecimalString(text.trim().slice(isNegative ? 1 : 0));
  if (read === undefined) return 'value_is_invalid';
  const rate = roundHalfAwayFromZero(read, RATE_DIGITS);
  return (isNegative && !rate.isZero()) || rate.gt(RATE_MAX) ? 'value_is_out_of_range' : rate;
}
