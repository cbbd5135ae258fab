import { subunitFactor } from './currency.ts';
import type { Currency } from './currency.ts';
import { Decimal, PRECISE_DIGITS, roundHalfAwayFromZero } from './decimal.ts';

/** Cents that JSON cannot carry exactly: beyond 2^53 - 1 in either direction, or not an integer. */
export class CentsOutOfRange extends RangeError {
  override readonly name = 'CentsOutOfRange';
  readonly cents: bigint | number;

  constructor(cents: bigint | number) {
    super(`${cents} cents are not an integer within 2^53 - 1`);
    this.cents = cents;
  }
}

const MAX_CENTS = BigInt(Number.MAX_SAFE_INTEGER);

/** Whether cents fit into a JSON number without loss. */
export function isWithinJsonRange(cents: bigint): boolean {
  return cents <= MAX_CENTS && cents >= -MAX_CENTS;
}

/** Cents as the JSON number of an answer. Throws CentsOutOfRange beyond 2^53 - 1 (spec, api 1.5). */
export function centsToNumber(cents: bigint): number {
  if (!isWithinJsonRange(cents)) throw new CentsOutOfRange(cents);
  return Number(cents);
}

/**
 * Cents from the JSON number of a request. Throws CentsOutOfRange unless it is an integer within 2^53 - 1 (spec, api
 * 1.5).
 */
export function numberToCents(value: number): bigint {
  if (!Number.isSafeInteger(value)) throw new CentsOutOfRange(value);
  return BigInt(value);
}

/**
 * An amount in currency units as whole cents, rounded half away from zero (spec, usage 10). Here a fee is rounded,
 * once.
 */
export function amountToCents(amount: Decimal, currency: Currency): bigint {
  return roundToCents(amount.times(subunitFactor(currency)));
}

/**
 * An amount in currency units as cents with 15 digits after the point, as precise amounts are stored (spec, usage 10).
 */
export function amountToPreciseCents(amount: Decimal, currency: Currency): Decimal {
  return roundHalfAwayFromZero(amount.times(subunitFactor(currency)), PRECISE_DIGITS);
}

/** Fractional cents as whole cents, rounded half away from zero. */
export function roundToCents(preciseCents: Decimal): bigint {
  return BigInt(roundHalfAwayFromZero(preciseCents, 0).toFixed());
}

/** Cents, whole or fractional, as an amount in currency units, exact. */
export function centsToAmount(cents: bigint | Decimal, currency: Currency): Decimal {
  return new Decimal(cents).div(subunitFactor(currency));
}
