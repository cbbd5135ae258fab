import { roundToCents } from '../money/cents.ts';
import { Decimal, roundHalfAwayFromZero, ZERO } from '../money/decimal.ts';
import { percentOf, taxBase, type FeeTaxes, type TaxableFee } from './fee-taxes.ts';
import type { InvoiceAppliedTax, Tax } from './tax.ts';

/** A fee with its taxes. */
export interface TaxedFee extends TaxableFee, FeeTaxes {}

/** The taxes of an invoice. */
export interface InvoiceTaxes {
  readonly appliedTaxes: readonly InvoiceAppliedTax[];
  readonly taxesAmountCents: bigint;
  /** Percent, weighted by what each tax was taken from; five digits after the point. */
  readonly taxesRate: Decimal;
}

/** Digits after the point of an invoice's rate (spec, money 0). */
const RATE_DIGITS = 5;

/** One tax with the fees that carry it. */
interface TaxedTogether {
  readonly tax: Tax;
  readonly base: Decimal;
  readonly fees: number;
}

/**
 * The taxes of an invoice, from what its fees are taken of and not from their rounded taxes (spec, money 1.5): a row is
 * rounded by itself, the sum of all of them once.
 *
 * Two fees of 6833 cents at 20 %: 2733 cents, where each fee says 1367.
 *
 * @param subTotalExcludingTaxesAmountCents the rate's whole; when it is not positive each fee counts as much as
 * another.
 */
export function taxesOfInvoice(fees: readonly TaxedFee[], subTotalExcludingTaxesAmountCents: bigint): InvoiceTaxes {
  const together = taxedTogether(fees);
  const sum = together.reduce((all, { tax, base }) => all.plus(percentOf(base, tax.rate)), ZERO);
  const whole = new Decimal(subTotalExcludingTaxesAmountCents);
  const rate = whole.gt(0)
    ? sum.times(100).div(whole)
    : together.reduce((all, { tax, fees: count }) => all.plus(tax.rate.times(count)), ZERO).div(fees.length || 1);
  return {
    appliedTaxes: together.map(({ tax, base }) => ({
      ...tax,
      feesAmountCents: roundToCents(base),
      amountCents: roundToCents(percentOf(base, tax.rate)),
    })),
    taxesAmountCents: roundToCents(sum),
    taxesRate: roundHalfAwayFromZero(rate, RATE_DIGITS),
  };
}

/** In the order in which the fees name them. A provider's taxes have no id: theirs is code and rate. */
function taxedTogether(fees: readonly TaxedFee[]): readonly TaxedTogether[] {
  const found = new Map<string, TaxedTogether>();
  for (const fee of fees) {
    for (const { taxId, code, name, description, rate } of fee.appliedTaxes) {
      const key = taxId ?? JSON.stringify([code, rate.toFixed()]);
      const before = found.get(key) ?? { tax: { taxId, code, name, description, rate }, base: ZERO, fees: 0 };
      found.set(key, {
        tax: before.tax,
        base: before.base.plus(taxBase(fee, fee)),
        fees: before.fees + 1,
      });
    }
  }
  return [...found.values()];
}
