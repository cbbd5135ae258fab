import type { Decimal } from '../money/decimal.ts';
import { unitAmount } from './charge-amount.ts';
import type { ChargeAmount, ChargeUsage } from './charge-amount.ts';

/** One price for every unit. */
export interface StandardPricing {
  readonly chargeModel: 'standard';
  /** Currency units for one unit. */
  readonly amount: Decimal;
}

/** Units times the price (spec, usage 3.6). */
export function priceStandard(pricing: StandardPricing, usage: ChargeUsage): ChargeAmount {
  const amount = usage.units.times(pricing.amount);
  return { amount, unitAmount: unitAmount(amount, usage), amountDetails: {} };
}
