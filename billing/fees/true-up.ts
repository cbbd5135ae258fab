import { days } from '../calendar/days.ts';
import { isTerminatedBy, type SubscriptionTerms } from '../calendar/subscription-terms.ts';
import { pricedAmounts, subunitsOf, type PricedAmounts, type PriceMoney } from '../charges/pricing-unit.ts';
import { roundToCents } from '../money/cents.ts';
import { Decimal, PRECISE_DIGITS, roundHalfAwayFromZero, ZERO } from '../money/decimal.ts';

/** The part of a charges period that an invoice bills. */
export interface MinimumPeriod {
  /** UTC, both ends inclusive. */
  readonly from: Date;
  readonly to: Date;
  /** Days of the whole period. */
  readonly durationDays: number;
  /** The customer's. */
  readonly timeZone: string;
  /** Whether an upgrade ended the subscription: then the last day belongs to the next plan. */
  readonly isUpgraded: boolean;
}

/** Whether a subscription ends in an upgrade at the billing instant, so that the day of it is the next plan's. */
export const endsInUpgrade = (terms: SubscriptionTerms, billingInstant: Date): boolean =>
  terms.next === 'upgrade' && isTerminatedBy(terms, billingInstant);

/**
 * The part of a spending minimum that falls on a period, in cents and not rounded (spec, usage 6.9). Of 1000 cents a
 * month, 25 of the 28 days of February are 892.857.
 */
export function proratedMinimum(minAmountCents: bigint, period: MinimumPeriod): Decimal {
  const { from, to, durationDays, timeZone, isUpgraded } = period;
  const billedDays = Math.max(days(from, to, timeZone) - (isUpgraded ? 1 : 0), 0);
  return new Decimal(minAmountCents).times(billedDays).div(durationDays);
}

/** A fee that adds to others. */
export interface TrueUp extends PricedAmounts {
  readonly units: Decimal;
}

/**
 * What the fees of a charge, all buckets and groups of them, lack of its minimum for the period; null: nothing (spec,
 * usage 6.9). Used 800 cents of a minimum of 892.857: 93 cents, 92.857 of them precisely. Of a charge with a pricing
 * unit both are cents of that, and what lacks is converted (11).
 */
export function trueUp(
  fees: readonly Pick<PricedAmounts, 'amountCents' | 'preciseAmountCents' | 'pricingUnit'>[],
  minimumCents: Decimal,
  money: PriceMoney,
): TrueUp | null {
  const priced = fees.map((fee) => fee.pricingUnit ?? fee);
  const usedCents = new Decimal(priced.reduce((sum, fee) => sum + fee.amountCents, 0n));
  if (usedCents.gte(minimumCents)) return null;
  const preciselyUsed = priced.reduce((sum, fee) => sum.plus(fee.preciseAmountCents), ZERO);
  const preciseAmountCents = roundHalfAwayFromZero(minimumCents.minus(preciselyUsed), PRECISE_DIGITS);
  const amount = new Decimal(roundToCents(minimumCents.minus(usedCents))).div(subunitsOf(money));
  const amounts = pricedAmounts(amount, amount, money);
  const { pricingUnit } = amounts;
  const units = new Decimal(1);
  return pricingUnit === null
    ? { ...amounts, units, preciseAmountCents }
    : { ...amounts, units, pricingUnit: { ...pricingUnit, preciseAmountCents } };
}
