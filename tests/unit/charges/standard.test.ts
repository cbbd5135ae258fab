import { describe, expect, test } from '@jest/globals';
import { priceUnits } from '../../../billing/charges/charge-model.ts';
import type { ChargePricing } from '../../../billing/charges/charge-model.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

const pricing: ChargePricing = { chargeModel: 'standard', amount: new Decimal('5.12345') };
const units = new Decimal(10);

describe('standard charges', () => {
  // Spec, usage 3.6.
  test('units times the price, unrounded', () => {
    const price = priceUnits(pricing, { units, eventsCount: 3n }, { currency: 'EUR', pricingUnit: null });
    expect([price.amount.toFixed(), price.unitAmount.toFixed()]).toEqual(['51.2345', '5.12345']);
    expect(price.amountDetails).toEqual({});
  });

  test('where units are prorated the unit amount is that of the full ones', () => {
    const price = priceUnits(
      pricing,
      { units, fullUnits: new Decimal(100), eventsCount: 3n },
      { currency: 'EUR', pricingUnit: null },
    );
    expect([price.amount.toFixed(), price.unitAmount.toFixed()]).toEqual(['51.2345', '0.512345']);
  });

  test('no units, no amount', () => {
    const price = priceUnits(
      pricing,
      { units: new Decimal(0), eventsCount: 0n },
      { currency: 'EUR', pricingUnit: null },
    );
    expect([price.amount.toFixed(), price.unitAmount.toFixed()]).toEqual(['0', '0']);
  });
});
