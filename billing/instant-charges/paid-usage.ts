import type { ChargeUsage } from '../charges/charge-amount.ts';
import { Decimal, ZERO } from '../money/decimal.ts';
import type { PaidLevels, Proration } from './running-usage.ts';
import { proratedUnits } from './running-usage.ts';

/**
 * What current usage shows of a charge in advance: all units that are there, at the price of those that were paid for,
 * which may be more (spec, usage 6.8).
 *
 * 9 seats, of which events have counted 4, and 6 were paid for: 11 are priced, and 9 shown. Prorated, with 3.8 paid
 * for: 8.8 are priced.
 *
 * @param paid null: no event of the period is priced.
 * @param proration days of the period, and of the whole one; null: the charge is not prorated.
 */
export function paidUsage(usage: ChargeUsage, paid: PaidLevels | null, proration: Proration): ChargeUsage {
  const { proratedSteps: _, fullUnits, ...rest } = usage;
  const total = fullUnits ?? usage.units;
  const isWhole = proration === null || proration.days >= proration.periodDays;
  if (paid === null) return isWhole ? { ...rest, units: total, fullUnits: total } : usage;
  const floored = (units: Decimal): Decimal => Decimal.max(units, ZERO);
  const shown = floored(total);
  if (proration === null) {
    return { ...rest, units: floored(total.minus(paid.current).plus(paid.highest)), fullUnits: shown };
  }
  const unpaid = total.minus(floored(paid.current));
  const priced = (isWhole ? unpaid : proratedUnits(unpaid, proration)).plus(paid.highestProrated);
  return { ...rest, units: floored(priced), fullUnits: shown };
}
