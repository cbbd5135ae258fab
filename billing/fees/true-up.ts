import { days } from '../calendar/days.ts';
import { isTerminatedBy, type SubscriptionTerms } from '../calendar/subscription-terms.ts';
import { centsToAmount, roundToCents } from '../money/cents.ts';
import type { Currency } from '../money/currency.ts';
import { Decimal, PRECISE_DIGITS, roundHalfAwayFromZero, ZERO } from '../money/decimal.ts';
import type { FeeAmounts } from './fee.ts';

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

/**
 * What the fees of a charge, all buckets and groups of them, lack of its minimum for the period; null: nothing (spec,
 * usage 6.9). Used 800 cents of a minimum of 892.857: 93 cents, 92.857 of them precisely.
 */
export function trueUp(
  fees: readonly Pick<FeeAmounts, 'amountCents' | 'preciseAmountCents'>[],
  minimumCents: Decimal,
  currency: Currency,
): FeeAmounts | null {
  const usedCents = new Decimal(fees.reduce((sum, fee) => sum + fee.amountCents, 0n));
  if (usedCents.gte(minimumCents)) return null;
  const preciselyUsed = fees.reduce((sum, fee) => sum.plus(fee.preciseAmountCents), ZERO);
  const amountCents = roundToCents(minimumCents.minus(usedCents));
  return {
    units: new Decimal(1),
    amountCents,
    preciseAmountCents: roundHalfAwayFromZero(minimumCents.minus(preciselyUsed), PRECISE_DIGITS),
    unitAmountCents: amountCents,
    preciseUnitAmount: centsToAmount(amountCents, currency),
  };
}
