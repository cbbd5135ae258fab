import type { ChargeUsage } from '../charges/charge-amount.ts';
import { roundUp } from '../money/decimal.ts';
import type { UsagePeriod } from './usage-period.ts';
import type { WeightedSumTotals } from './usage-totals.ts';

const SECOND_MS = 1000;
const SECONDS_PER_DAY = 86_400;

/** Digits after the point of units that time weights. */
const WEIGHTED_DIGITS = 20;

/** The end of a period for weights: 23:59:59.999 lasts until midnight (spec, usage 1.5). */
export const weightedEnd = (to: Date): Date => new Date(Math.ceil(to.getTime() / SECOND_MS) * SECOND_MS);

/**
 * A level counts for the part of the whole period for which it lasted (spec, usage 1.5).
 *
 * 1000 from before a month of 31 days, and 31 more in its last 24 hours: 1000 + 31 / 31 = 1001 units; the level at its
 * end, 1031, is what was aggregated.
 */
export function weightedUnits(
  { numericEventsCount, levelBefore, sum, unitSeconds }: WeightedSumTotals,
  { from, to, days }: Pick<UsagePeriod, 'from' | 'to' | 'days'>,
): ChargeUsage {
  const seconds = (weightedEnd(to).getTime() - from.getTime()) / SECOND_MS;
  const weighted = levelBefore.times(seconds).plus(unitSeconds);
  const units = roundUp(weighted.div(days * SECONDS_PER_DAY), WEIGHTED_DIGITS);
  return {
    units,
    eventsCount: numericEventsCount,
    // No event has a part of the units of its own: what is priced by events is priced as one.
    ...(!units.isZero() && { transactionValues: [{ value: units, isInPeriod: true }] }),
    totalAggregatedUnits: levelBefore.plus(sum),
  };
}
