import { roundDown, roundHalfAwayFromZero, roundUp } from '../money/decimal.ts';
import type { Decimal } from '../money/decimal.ts';

export const ROUNDING_FUNCTIONS = ['round', 'ceil', 'floor'] as const;

/** The `rounding_function` of a billable metric. */
export type RoundingFunction = (typeof ROUNDING_FUNCTIONS)[number];

export interface MetricRounding {
  /** null: the units stay as they are. */
  readonly roundingFunction: RoundingFunction | null;
  /** Digits after the point, negative ones before it; null counts as 0. */
  readonly roundingPrecision: number | null;
}

/**
 * Rounds aggregated units as the metric says (spec, usage 1.3): `round` half away from zero, `ceil` toward positive and
 * `floor` toward negative infinity. For each bucket and group, before pricing; never for a single event priced in
 * advance.
 */
export function roundUnits(units: Decimal, { roundingFunction, roundingPrecision }: MetricRounding): Decimal {
  const digits = roundingPrecision ?? 0;
  switch (roundingFunction) {
    case null:
      return units;
    case 'round':
      return roundHalfAwayFromZero(units, digits);
    case 'ceil':
      return roundUp(units, digits);
    case 'floor':
      return roundDown(units, digits);
    default:
      return roundingFunction satisfies never;
  }
}
