import { roundToCents } from '../money/cents.ts';
import { Decimal, PRECISE_DIGITS, roundHalfAwayFromZero, ZERO } from '../money/decimal.ts';
import type { FeeAppliedTax, Tax } from './tax.ts';

/** What the taxes of a fee are taken from, in cents. */
export interface TaxableFee {
  readonly amountCents: bigint;
  readonly preciseAmountCents: Decimal;
  /** What coupons and progressive credits took from it. */
  readonly preciseCouponsAmountCents: Decimal;
}

/** The taxes of a fee. */
export interface FeeTaxes {
  readonly appliedTaxes: readonly FeeAppliedTax[];
  readonly taxesAmountCents: bigint;
  readonly taxesPreciseAmountCents: Decimal;
  /** Percent: the sum of the rates. */
  readonly taxesRate: Decimal;
  /** The part of the fee that is taxed: 1, or less where a tax provider says so (spec, money 1.8). */
  readonly taxesBaseRate: Decimal;
}

const ONE = new Decimal(1);

/** A fee that nothing is said about, or that is not taxed. */
export const UNTAXED: FeeTaxes = {
  appliedTaxes: [],
  taxesAmountCents: 0n,
  taxesPreciseAmountCents: ZERO,
  taxesRate: ZERO,
  taxesBaseRate: ONE,
};

/** What a rate is applied to: the fee's whole cents without its coupons (spec, money 1.4). */
export const taxBase = (fee: TaxableFee, { taxesBaseRate }: Pick<FeeTaxes, 'taxesBaseRate'>): Decimal =>
  new Decimal(fee.amountCents).minus(fee.preciseCouponsAmountCents).times(taxesBaseRate);

/** A percentage of cents, exact. */
export const percentOf = (base: Decimal, rate: Decimal): Decimal => base.times(rate).div(100);

/**
 * The taxes of one fee (spec, money 1.4). The fee's cents are rounded once over the sum, so that they may differ from
 * the sum of the rows.
 *
 * 6833 cents at 20 %: 1367 cents, precise 1366.6. A fee of 1 cent that is 1.4 precisely, at 40 %: 0 cents, precise
 * 0.56.
 */
export function taxesOfFee(fee: TaxableFee, taxes: readonly Tax[], taxesBaseRate: Decimal = ONE): FeeTaxes {
  if (taxes.length === 0) return UNTAXED;
  const base = taxBase(fee, { taxesBaseRate });
  const preciseBase = fee.preciseAmountCents.minus(fee.preciseCouponsAmountCents).times(taxesBaseRate);
  const taxesRate = taxes.reduce((sum, { rate }) => sum.plus(rate), ZERO);
  return {
    appliedTaxes: taxes.map((tax) => ({
      ...tax,
      amountCents: roundToCents(percentOf(base, tax.rate)),
      preciseAmountCents: roundHalfAwayFromZero(percentOf(preciseBase, tax.rate), PRECISE_DIGITS),
    })),
    taxesAmountCents: roundToCents(percentOf(base, taxesRate)),
    taxesPreciseAmountCents: roundHalfAwayFromZero(percentOf(preciseBase, taxesRate), PRECISE_DIGITS),
    taxesRate,
    taxesBaseRate,
  };
}
