import type { Decimal } from '../money/decimal.ts';

/**
 * A tax as a fee gets it. What an invoice keeps of it is this copy: later changes of the tax do not reach it (spec,
 * money 1.1).
 */
export interface Tax {
  /**
   * null: there is no tax of ours behind it, as an external tax provider said so (spec, money 1.6, 1.8), or the EU's
   * rate is taken while somebody has deleted the tax (S064).
   */
  readonly taxId: string | null;
  readonly code: string;
  readonly name: string;
  readonly description: string | null;
  /** Percent: 20 is 20 %. */
  readonly rate: Decimal;
}

/** A tax on a fee: its copy and the part of the fee's taxes that it is. */
export interface FeeAppliedTax extends Tax {
  readonly amountCents: bigint;
  readonly preciseAmountCents: Decimal;
}

/** A tax on an invoice: its copy, over how much it was taken, and how much it is. */
export interface InvoiceAppliedTax extends Tax {
  /** What the taxed fees cost, without what coupons took from them. */
  readonly feesAmountCents: bigint;
  readonly amountCents: bigint;
}

/**
 * Whether a tax on a fee is one of its invoice's: code and rate say so, since a provider can name one code with two
 * rates (spec, money 1.8).
 *
 * `sales_tax` at 6 and `sales_tax` at 6: yes; `sales_tax` at 8.25: no.
 */
export const isSameTax = (one: Pick<Tax, 'code' | 'rate'>, other: Pick<Tax, 'code' | 'rate'>): boolean =>
  one.code === other.code && one.rate.eq(other.rate);
