import { Decimal, ZERO } from '../money/decimal.ts';
import { unitAmount, type ChargeAmount, type ChargeUsage, type ProratedStep } from './charge-amount.ts';
import type { GraduatedPricing, GraduatedRange } from './graduated.ts';

/**
 * Full units decide, in the order in which they came, which range they are in; prorated ones are paid for there. Flat
 * amounts are due in full up to the highest range that was reached, and not given back (spec, usage 5.5).
 *
 * 0-5 at 10 and 100 flat, from 6 at 5 and 50 flat; 5 units for 0.7 of the period, then 2 less for 0.5: (3.5 - 1) x 10 +
 * 100 = 125.
 */
export function priceProratedGraduated(
  { ranges }: GraduatedPricing,
  usage: ChargeUsage,
  proratedSteps: readonly ProratedStep[],
): ChargeAmount {
  const steps = countedSteps(proratedSteps);
  const levels = levelsOf(steps);
  const amount = levels.at(-1)!.isNegative() ? ZERO : amountOf(ranges, steps, levels);
  return { amount, unitAmount: unitAmount(amount, usage), amountDetails: {} };
}

/** Without what was added for no day, and what was removed for none that was not there. */
function countedSteps(steps: readonly ProratedStep[]): readonly ProratedStep[] {
  let level = ZERO;
  return steps.filter(({ full, prorated }) => {
    const next = level.plus(full);
    if (full.isZero() || (prorated.isZero() && (full.gt(0) || next.isNegative()))) return false;
    level = next;
    return true;
  });
}

/** The full units before the first step and after each. */
function levelsOf(steps: readonly ProratedStep[]): readonly Decimal[] {
  let level = ZERO;
  return [level, ...steps.map(({ full }) => (level = level.plus(full)))];
}

function amountOf(
  ranges: readonly GraduatedRange[],
  steps: readonly ProratedStep[],
  levels: readonly Decimal[],
): Decimal {
  const total = steps.reduce((sum, { prorated }) => sum.plus(prorated), ZERO);
  if (total.isZero()) return ranges[0]!.flatAmount;
  const highest = Decimal.max(...levels);
  const reached = ranges.findIndex(({ toValue }) => toValue === null || highest.lte(toValue));
  const flat = ranges.slice(0, reached + 1).reduce((sum, { flatAmount }) => sum.plus(flatAmount), ZERO);
  const perUnit = ranges.reduce((sum, range, place) => {
    const from = ranges[place - 1]?.toValue ?? null;
    return sum.plus(unitsWithin({ from, to: range.toValue }, steps, levels).times(range.perUnitAmount));
  }, ZERO);
  return Decimal.max(perUnit, ZERO).plus(flat);
}

/** A range of full units; null: without that bound. */
interface Bounds {
  readonly from: number | null;
  readonly to: number | null;
}

/** The prorated units that the steps add between two bounds of the full ones, or take from there. */
function unitsWithin(bounds: Bounds, steps: readonly ProratedStep[], levels: readonly Decimal[]): Decimal {
  return steps.reduce((sum, { full, prorated }, index) => {
    const before = clamped(levels[index]!, bounds);
    const after = clamped(levels[index + 1]!, bounds);
    return sum.plus(after.minus(before).times(prorated).div(full));
  }, ZERO);
}

function clamped(level: Decimal, { from, to }: Bounds): Decimal {
  const raised = from === null ? level : Decimal.max(level, from);
  return to === null ? raised : Decimal.min(raised, to);
}
