import { Decimal, plainDecimal, ZERO } from '../money/decimal.ts';
import { unitAmount } from './charge-amount.ts';
import type { ChargeAmount, ChargeUsage } from './charge-amount.ts';
import type { GraduatedRange } from './graduated.ts';

/** All units at the price of the range that the last of them reaches. */
export interface VolumePricing {
  readonly chargeModel: 'volume';
  /** At least one, in ascending order, the last one without an end. */
  readonly ranges: readonly GraduatedRange[];
}

/**
 * Every unit at the price of one range, and its flat amount once: 100.5 units of 0-100 at 2 and 101-200 at 1 cost
 * 100.5, because a fraction between two ranges belongs to the higher one (spec, usage 3.11). Full units decide the
 * range, prorated ones are priced.
 */
export function priceVolume({ ranges }: VolumePricing, usage: ChargeUsage): ChargeAmount {
  const reached = Decimal.max(usage.fullUnits ?? usage.units, ZERO);
  const range = ranges.find(({ toValue }) => toValue === null || reached.lte(toValue));
  const { perUnitAmount, flatAmount } = range!;
  const perUnitTotal = usage.units.times(perUnitAmount);
  const amount = perUnitTotal.plus(flatAmount);
  return {
    amount,
    unitAmount: unitAmount(amount, usage),
    amountDetails: {
      flat_unit_amount: plainDecimal(flatAmount),
      per_unit_amount: plainDecimal(unitAmount(perUnitTotal, usage)),
      per_unit_total_amount: plainDecimal(perUnitTotal),
    },
  };
}
