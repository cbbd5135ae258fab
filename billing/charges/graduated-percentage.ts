import { Decimal, plainDecimal, ZERO } from '../money/decimal.ts';
import { unitAmount } from './charge-amount.ts';
import type { ChargeAmount, ChargeUsage } from './charge-amount.ts';
import { visitedRanges } from './graduated.ts';

/** One tier. The bounds are the numbers of the charge's JSON and go back into JSON as such. */
export interface GraduatedPercentageRange {
  readonly fromValue: number;
  /** Inclusive; null: the last range, without an end. */
  readonly toValue: number | null;
  /** Percent of the units inside the range, which are money: 2.5 of 100 are 2.50. */
  readonly rate: Decimal;
  /** Currency units, due in full as soon as the range is reached. */
  readonly flatAmount: Decimal;
}

/** A percentage of each unit, at the rate of the range that it falls into. */
export interface GraduatedPercentagePricing {
  readonly chargeModel: 'graduated_percentage';
  /** At least one, in ascending order, the last one without an end. */
  readonly ranges: readonly GraduatedPercentageRange[];
}

const PERCENT = 100;

/**
 * Sums the ranges up to the one that holds the last unit: 12 units of 0-10 at 1% and 200, 11-20 at 2% and 300 cost
 * 200.10 and 300.04 (spec, usage 3.8).
 */
export function priceGraduatedPercentage(pricing: GraduatedPercentagePricing, usage: ChargeUsage): ChargeAmount {
  const rows = visitedRanges(pricing.ranges, usage.units).map((range) => {
    const units = unitsInRange(range, usage.units);
    const perUnitTotal = units.times(range.rate).div(PERCENT);
    return { range, units, perUnitTotal, total: perUnitTotal.plus(range.flatAmount) };
  });
  const amount = rows.reduce((sum, { total }) => sum.plus(total), ZERO);
  return {
    amount,
    unitAmount: unitAmount(amount, usage),
    amountDetails: {
      graduated_percentage_ranges: rows.map(({ range, units, perUnitTotal, total }) => ({
        from_value: range.fromValue,
        to_value: range.toValue,
        flat_unit_amount: plainDecimal(range.flatAmount),
        rate: plainDecimal(range.rate),
        units: plainDecimal(units),
        per_unit_total_amount: plainDecimal(perUnitTotal),
        total_with_flat_amount: plainDecimal(total),
      })),
    },
  };
}

// Ranges 0-10, 10-20 count their common unit twice: other than graduated ones, these are always read as 0-10, 11-20
// (spec, usage 3.8).
function unitsInRange({ fromValue, toValue }: GraduatedPercentageRange, units: Decimal): Decimal {
  const before = Math.max(fromValue, 1) - 1;
  if (toValue !== null && units.gte(toValue)) return new Decimal(toValue).minus(before);
  return Decimal.max(units.minus(before), ZERO);
}
