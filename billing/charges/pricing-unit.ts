import { amountToCents, amountToPreciseCents } from '../money/cents.ts';
import { subunitFactor, type Currency } from '../money/currency.ts';
import { Decimal, PRECISE_DIGITS, roundHalfAwayFromZero } from '../money/decimal.ts';

/** Subunits of one pricing unit, whatever the currency has. */
const SUBUNITS = 100;

/** A unit of an organization's own, such as credits, in which a charge says its prices (spec, usage 11). */
export interface PricingUnit {
  readonly id: string;
  readonly code: string;
  readonly shortName: string;
  /** Currency units that one of it is worth. */
  readonly conversionRate: Decimal;
}

/** What the prices of a charge are said in, and what its fees are paid in. */
export interface PriceMoney {
  readonly currency: Currency;
  /** null: prices are said in the currency. */
  readonly pricingUnit: PricingUnit | null;
}

/** What a fee costs in a pricing unit. `*Cents` are hundredths of it. */
export interface PricingUnitAmounts extends PricingUnit {
  readonly amountCents: bigint;
  readonly preciseAmountCents: Decimal;
  readonly unitAmountCents: bigint;
  readonly preciseUnitAmount: Decimal;
}

/** What a price comes to. */
export interface PricedAmounts {
  readonly amountCents: bigint;
  /** Cents with 15 digits after the point. */
  readonly preciseAmountCents: Decimal;
  readonly unitAmountCents: bigint;
  /** Currency units with 15 digits after the point. */
  readonly preciseUnitAmount: Decimal;
  /** null: the price was said in the currency. */
  readonly pricingUnit: PricingUnitAmounts | null;
}

/** How many subunits one unit of a price has: 100 of credits, 1 of yen, 1000 of Kuwaiti dinars. */
export const subunitsOf = ({ currency, pricingUnit }: PriceMoney): number =>
  pricingUnit === null ? subunitFactor(currency) : SUBUNITS;

/**
 * A price in cents, rounded once; cents of one unit are cut off. In a pricing unit it is rounded to hundredths of that,
 * and those are converted, so that nothing finer than they is paid (spec, usage 10, 11).
 *
 * 300 credits of 0.5 EUR: 30000 hundredths, 15000 cents.
 */
export function pricedAmounts(
  amount: Decimal,
  unitAmount: Decimal,
  { currency, pricingUnit }: PriceMoney,
): PricedAmounts {
  if (pricingUnit === null) return inCurrency(amount, unitAmount, currency);
  const { conversionRate } = pricingUnit;
  const amountCents = BigInt(roundHalfAwayFromZero(amount.times(SUBUNITS), 0).toFixed());
  const unitAmountCents = BigInt(unitAmount.times(SUBUNITS).trunc().toFixed());
  const converted = (cents: bigint): Decimal => new Decimal(cents).times(conversionRate).div(SUBUNITS);
  return {
    ...inCurrency(converted(amountCents), converted(unitAmountCents), currency),
    pricingUnit: {
      ...pricingUnit,
      amountCents,
      preciseAmountCents: roundHalfAwayFromZero(amount.times(SUBUNITS), PRECISE_DIGITS),
      unitAmountCents,
      preciseUnitAmount: roundHalfAwayFromZero(unitAmount, PRECISE_DIGITS),
    },
  };
}

const inCurrency = (amount: Decimal, unitAmount: Decimal, currency: Currency): PricedAmounts => ({
  amountCents: amountToCents(amount, currency),
  preciseAmountCents: amountToPreciseCents(amount, currency),
  unitAmountCents: BigInt(unitAmount.times(subunitFactor(currency)).trunc().toFixed()),
  preciseUnitAmount: roundHalfAwayFromZero(unitAmount, PRECISE_DIGITS),
  pricingUnit: null,
});
