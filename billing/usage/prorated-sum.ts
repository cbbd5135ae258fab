import { days } from '../calendar/days.ts';
import type { ChargeUsage, ProratedStep } from '../charges/charge-amount.ts';
import { roundUp, ZERO } from '../money/decimal.ts';
import { localDay, PRORATED_DIGITS } from './proration.ts';
import type { UsagePeriod } from './usage-period.ts';
import { comesBefore, type SumTotals } from './usage-totals.ts';

/**
 * A sum whose parts count for the days on which they were there, out of those of the whole period; what was there
 * before it, for all days of it (spec, usage 5.3).
 *
 * 5 from before May, and 24 on the 26th: 5 + 24 x 6 / 31 = 9.64517 of 29 units.
 */
export function proratedSum(totals: SumTotals, period: UsagePeriod): ChargeUsage {
  const proratedSteps = [...carried(totals, period), ...stepsOf(totals, period)];
  return {
    units: roundUp(
      proratedSteps.reduce((sum, { prorated }) => sum.plus(prorated), ZERO),
      PRORATED_DIGITS,
    ),
    fullUnits: totals.sum,
    eventsCount: totals.numericEventsCount,
    proratedSteps,
  };
}

function carried({ carriedSum: full }: SumTotals, period: UsagePeriod): readonly ProratedStep[] {
  if (full.isZero()) return [];
  const { from, to, timeZone, isEndedByUpgrade } = period;
  const served = Math.max(days(from, to, timeZone) - (isEndedByUpgrade ? 1 : 0), 0);
  return [{ full, prorated: full.times(served).div(period.days) }];
}

/** What was added in the period, the oldest first; the day of an event is one of its days. */
function stepsOf({ eventValues = [] }: SumTotals, { to, days: all, timeZone }: UsagePeriod): readonly ProratedStep[] {
  const lastDay = localDay(to, timeZone);
  return eventValues
    .filter(({ isInPeriod }) => isInPeriod)
    .toSorted((one, other) => (comesBefore(one, other) ? -1 : 1))
    .map(({ at, value }) => {
      const served = lastDay - localDay(at, timeZone) + 1;
      return { full: value, prorated: value.times(served).div(all) };
    });
}
