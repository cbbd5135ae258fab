import { roundToCents } from '../money/cents.ts';
import { Decimal, ZERO } from '../money/decimal.ts';
import { percentOf, taxBase, taxesOfFee, UNTAXED, type FeeTaxes, type TaxableFee } from './fee-taxes.ts';
import type { Tax } from './tax.ts';

/** One tax in a provider's answer. */
export interface ProviderTax {
  readonly name: string;
  /** A part of one: 0.2 is 20 %. */
  readonly rate: Decimal;
  readonly taxAmountCents: bigint;
  readonly type: string;
}

/** What a provider says of one fee. */
export interface ProviderFeeTaxes {
  readonly feeId: string;
  readonly taxAmountCents: bigint;
  readonly breakdown: readonly ProviderTax[];
}

/** A fee and the id that it was sent under. */
export interface SentFee extends TaxableFee {
  readonly feeId: string;
}

/** An answer that lacks a fee, or has one twice. It is an error of the provider's, never taxes of 0. */
export class ProviderAnswerUnusable extends Error {
  override readonly name = 'ProviderAnswerUnusable';
}

/**
 * The taxes of fees as an external provider says, found by the fees' ids: whatever the order of its answer, each fee
 * gets its own (spec, money 1.8; S067). What it takes less than its rates come to is a part that is not taxed.
 *
 * 1000 cents at 0.2, the provider says 100: rate 20, base rate 0.5, tax 100.
 *
 * @throws ProviderAnswerUnusable
 */
export function taxesByProvider(
  fees: readonly SentFee[],
  answer: readonly ProviderFeeTaxes[],
): ReadonlyMap<string, FeeTaxes> {
  const answers = new Map(answer.map((one) => [one.feeId, one]));
  if (answers.size !== answer.length) throw new ProviderAnswerUnusable('the answer has a fee twice');
  return new Map(
    fees.map((fee) => {
      const said = answers.get(fee.feeId);
      if (!said) throw new ProviderAnswerUnusable(`the answer lacks fee ${fee.feeId}`);
      return [fee.feeId, taxesAsSaid(fee, said)];
    }),
  );
}

function taxesAsSaid(fee: TaxableFee, { taxAmountCents, breakdown }: ProviderFeeTaxes): FeeTaxes {
  const taxes = breakdown.map(providerTax);
  const whole = percentOf(
    taxBase(fee, UNTAXED),
    taxes.reduce((sum, { rate }) => sum.plus(rate), ZERO),
  );
  const isBelow = taxAmountCents < roundToCents(whole);
  return taxesOfFee(fee, taxes, isBelow ? new Decimal(taxAmountCents).div(whole) : UNTAXED.taxesBaseRate);
}

const providerTax = ({ name, rate, type }: ProviderTax): Tax => ({
  taxId: null,
  code: parameterized(name === '' ? type : name),
  name,
  description: null,
  rate: rate.times(100),
});

/** `Sales Tax (CA)` is `sales_tax_ca`: letters without accents, digits and underscores. */
export const parameterized = (name: string): string =>
  name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
