import { Decimal, plainDecimal, ZERO } from '../money/decimal.ts';
import type { ChargeAmount, ChargeUsage } from './charge-amount.ts';

/** Units in packages of which each costs the same, whether it is used up or not. */
export interface PackagePricing {
  readonly chargeModel: 'package';
  /** Currency units for one package. */
  readonly amount: Decimal;
  /** Units in a package, at least 1. */
  readonly packageSize: number;
  /** Units that no package is opened for. */
  readonly freeUnits: number;
}

/**
 * The first fraction above the free units opens a package: 121 units in packages of 10 at 100, 10 of them free, are
 * 12 packages for 1200 (spec, usage 3.9). The amount of a unit is that of a paid one.
 */
export function pricePackage(pricing: PackagePricing, { units }: ChargeUsage): ChargeAmount {
  const paid = Decimal.max(units.minus(pricing.freeUnits), ZERO);
  const amount = paid.div(pricing.packageSize).ceil().times(pricing.amount);
  return {
    amount,
    unitAmount: paid.isZero() ? ZERO : amount.div(paid),
    amountDetails: units.isZero() ? NOTHING : detailsOf(pricing, paid),
  };
}

const detailsOf = ({ amount, packageSize, freeUnits }: PackagePricing, paid: Decimal) => ({
  free_units: plainDecimal(new Decimal(freeUnits)),
  paid_units: plainDecimal(paid),
  per_package_size: packageSize,
  per_package_unit_amount: plainDecimal(amount),
});

/** Spec, usage 3.14: without units all of it is zero. */
const NOTHING = { free_units: '0.0', paid_units: '0.0', per_package_size: 0, per_package_unit_amount: '0.0' } as const;
