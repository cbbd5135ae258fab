import { Decimal, plainDecimal, ZERO } from '../money/decimal.ts';
import { unitAmount } from './charge-amount.ts';
import type { ChargeAmount, ChargeUsage } from './charge-amount.ts';

/** One tier. The bounds are the numbers of the charge's JSON and go back into JSON as such. */
export interface GraduatedRange {
  readonly fromValue: number;
  /** Inclusive; null: the last range, without an end. */
  readonly toValue: number | null;
  /** Currency units for one unit inside the range. */
  readonly perUnitAmount: Decimal;
  /** Currency units, due in full as soon as the range is reached. */
  readonly flatAmount: Decimal;
}

/** Each unit at the price of the range that it falls into. */
export interface GraduatedPricing {
  readonly chargeModel: 'graduated';
  /** At least one, in ascending order, the last one without an end. */
  readonly ranges: readonly GraduatedRange[];
}

/** One visited range as `amount_details` prints it: bounds as JSON numbers, decimals as strings (spec, usage 3.14). */
export interface GraduatedRangeDetails {
  readonly from_value: number;
  readonly to_value: number | null;
  readonly flat_unit_amount: string;
  readonly per_unit_amount: string;
  readonly units: string;
  readonly per_unit_total_amount: string;
  readonly total_with_flat_amount: string;
}

/** Sums the ranges up to the one that holds the last unit; without units that is the first one (spec, usage 3.7). */
export function priceGraduated(pricing: GraduatedPricing, usage: ChargeUsage): ChargeAmount {
  const adjacent = areAllAdjacent(pricing.ranges);
  let amount = ZERO;
  const details: GraduatedRangeDetails[] = [];
  for (const range of visitedRanges(pricing.ranges, usage.units)) {
    const units = unitsInRange(range, usage.units, adjacent);
    const perUnitTotal = units.times(range.perUnitAmount);
    const total = perUnitTotal.plus(range.flatAmount);
    amount = amount.plus(total);
    details.push({
      from_value: range.fromValue,
      to_value: range.toValue,
      flat_unit_amount: plainDecimal(range.flatAmount),
      per_unit_amount: plainDecimal(units.isZero() ? ZERO : range.perUnitAmount),
      units: plainDecimal(units),
      per_unit_total_amount: plainDecimal(perUnitTotal),
      total_with_flat_amount: plainDecimal(total),
    });
  }
  return { amount, unitAmount: unitAmount(amount, usage), amountDetails: { graduated_ranges: details } };
}

/** The ranges up to the one that holds the last unit: of 0-10, 11-20 and 21 onwards the first two for 12 units. */
export function visitedRanges<Range extends Pick<GraduatedRange, 'toValue'>>(
  ranges: readonly Range[],
  units: Decimal,
): readonly Range[] {
  const last = ranges.findIndex(({ toValue }) => toValue === null || units.lte(toValue));
  return ranges.slice(0, last + 1);
}

// Ranges are written either 0-10, 11-20 or 0-10, 10-20. Only where every pair is of the second kind is the first unit
// of a range not its own; the spec keeps the mixed case as the reference has it. A single range has no pair and is of
// the first kind.
function areAllAdjacent(ranges: readonly GraduatedRange[]): boolean {
  return ranges.length > 1 && ranges.every((range, at) => at === 0 || range.fromValue === ranges[at - 1]?.toValue);
}

function unitsInRange(range: GraduatedRange, units: Decimal, adjacent: boolean): Decimal {
  const top = range.toValue === null ? units : Decimal.min(units, range.toValue);
  if (range.fromValue === 0) return top;
  const before = new Decimal(range.fromValue).minus(adjacent ? 0 : 1);
  // A first range that starts at 1 would otherwise count a unit less than none.
  return Decimal.max(top.minus(before), ZERO);
}
