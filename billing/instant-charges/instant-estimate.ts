import type { ChargePricing } from '../charges/charge-model.ts';
import type { PriceMoney } from '../charges/pricing-unit.ts';
import { subunitFactor } from '../money/currency.ts';
import { Decimal, ZERO } from '../money/decimal.ts';

/** What an event would cost by itself, whatever was used before it. */
export interface InstantEstimate {
  readonly units: Decimal;
  /** Currency units, not rounded. */
  readonly amount: Decimal;
  /** The same in cents, not rounded. */
  readonly amountCents: Decimal;
}

const PERCENT = 100;

/** Whether a price can be told of one event by itself (spec, usage 2.9). */
export const hasInstantEstimate = ({ chargeModel }: Pick<ChargePricing, 'chargeModel'>): boolean =>
  chargeModel === 'standard' || chargeModel === 'percentage';

/**
 * The light estimate of one event: free units do not count, a minimum and a maximum do (spec, usage 2.9; S018).
 *
 * 400 units at 0.1 %: 40 cents. -4 units: 0 units for nothing.
 */
export function instantEstimate(
  pricing: ChargePricing,
  asked: Decimal,
  { currency, pricingUnit }: PriceMoney,
): InstantEstimate {
  const units = Decimal.max(asked, ZERO);
  const price = asked.lt(0) ? ZERO : amountOf(pricing, units);
  const amount = pricingUnit === null ? price : price.times(pricingUnit.conversionRate);
  return { units, amount, amountCents: amount.times(subunitFactor(currency)) };
}

function amountOf(pricing: ChargePricing, units: Decimal): Decimal {
  switch (pricing.chargeModel) {
    case 'standard':
      return units.times(pricing.amount);
    case 'percentage': {
      const { rate, fixedAmount, minimum, maximum } = pricing;
      const amount = units.times(rate).div(PERCENT).plus(fixedAmount);
      const raised = minimum === null ? amount : Decimal.max(amount, minimum);
      return maximum === null ? raised : Decimal.min(raised, maximum);
    }
    case 'graduated':
    case 'graduated_percentage':
    case 'package':
    case 'volume':
    case 'dynamic':
      throw new Error(`a ${pricing.chargeModel} charge has no estimate of one event`);
    default:
      return pricing satisfies never;
  }
}
