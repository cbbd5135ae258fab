import { expect, test } from '@jest/globals';
import { priceUnits } from '../../../billing/charges/charge-model.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

// Spec, usage 3.12.
test.each([
  ['EUR', '20', '40.2', '0.402', '0.0201'],
  ['JPY', '20', '40.2', '40.2', '2.01'],
  ['KWD', '20', '40.2', '0.0402', '0.00201'],
  ['EUR', '0', '40.2', '0', '0'],
] as const)('in %s %s units of %s cents cost %s, %s each', (currency, units, cents, amount, unit) => {
  const usage = { units: new Decimal(units), eventsCount: 2n, eventAmountCents: new Decimal(cents) };
  const price = priceUnits({ chargeModel: 'dynamic' }, usage, { currency, pricingUnit: null });
  expect([price.amount.toFixed(), price.unitAmount.toFixed()]).toEqual([amount, unit]);
  expect(price.amountDetails).toEqual({});
});

test('events that say nothing cost nothing', () => {
  const price = priceUnits(
    { chargeModel: 'dynamic' },
    { units: new Decimal(3), eventsCount: 2n },
    { currency: 'EUR', pricingUnit: null },
  );
  expect(price.amount.toFixed()).toBe('0');
});
