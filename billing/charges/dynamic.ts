import { ZERO } from '../money/decimal.ts';
import { unitAmount } from './charge-amount.ts';
import type { ChargeAmount, ChargeUsage } from './charge-amount.ts';
import { subunitsOf, type PriceMoney } from './pricing-unit.ts';

/** Events say themselves what they cost. */
export interface DynamicPricing {
  readonly chargeModel: 'dynamic';
}

/**
 * The sum of what the events cost: 20 units of 40.2 cents are 0.402, 0.0201 a unit; nothing without units (spec, usage
 * 3.12).
 */
export function priceDynamic(usage: ChargeUsage, money: PriceMoney): ChargeAmount {
  const cents = usage.units.isZero() ? ZERO : (usage.eventAmountCents ?? ZERO);
  const amount = cents.div(subunitsOf(money));
  return { amount, unitAmount: unitAmount(amount, usage), amountDetails: {} };
}
