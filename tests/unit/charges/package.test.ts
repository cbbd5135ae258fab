import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { priceUnits } from '../../../billing/charges/charge-model.ts';
import { pricingOf } from '../../../billing/charges/properties.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

const price = (units: string | number, free_units: number, package_size = 10) =>
  priceUnits(
    pricingOf('package', { amount: '100', package_size, free_units }),
    { units: new Decimal(units), eventsCount: 1n },
    { currency: 'EUR', pricingUnit: null },
  );

describe('package charges', () => {
  // Spec, usage 3.9.
  test.each([
    ['121', 0, '1300'],
    ['121', 10, '1200'],
    ['121', 200, '0'],
    ['10', 10, '0'],
    ['10.01', 10, '100'],
    ['0', 0, '0'],
  ])('%s units, %d of them free, cost %s', (units, free, amount) => {
    expect(price(units, free).amount.toFixed()).toBe(amount);
  });

  test('the amount of a unit is that of a paid one', () => {
    expect(price(60, 10).unitAmount.toFixed()).toBe('10');
    expect(price(10, 10).unitAmount.toFixed()).toBe('0');
  });

  test('the details show the packages; without units all of it is zero', () => {
    expect(price(121, 10).amountDetails).toEqual({
      free_units: '10.0',
      paid_units: '111.0',
      per_package_size: 10,
      per_package_unit_amount: '100.0',
    });
    expect(price(0, 10).amountDetails).toEqual({
      free_units: '0.0',
      paid_units: '0.0',
      per_package_size: 0,
      per_package_unit_amount: '0.0',
    });
  });

  test('the fewest packages that hold what is not free', () => {
    fc.assert(
      fc.property(fc.nat(5_000), fc.nat(50), fc.integer({ min: 1, max: 30 }), (tenths, free, size) => {
        const packages = price(new Decimal(tenths).div(10).toFixed(), free, size).amount.div(100).toNumber();
        const paid = Math.max(tenths - free * 10, 0);
        expect(packages * size * 10).toBeGreaterThanOrEqual(paid);
        expect((packages - 1) * size * 10).toBeLessThan(Math.max(paid, 1));
      }),
    );
  });
});
