import { describe, expect, test } from '@jest/globals';
import { pricedAmounts, subunitsOf } from '../../../billing/charges/pricing-unit.ts';
import { trueUp } from '../../../billing/fees/true-up.ts';
import type { Currency } from '../../../billing/money/currency.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

const credits = (rate: string, currency: Currency = 'EUR') => ({
  currency,
  pricingUnit: { id: 'u1', code: 'credits', shortName: 'CR', conversionRate: new Decimal(rate) },
});

const priced = (amount: string, unitAmount: string, rate: string, currency?: Currency) => {
  const { pricingUnit, ...fiat } = pricedAmounts(new Decimal(amount), new Decimal(unitAmount), credits(rate, currency));
  return {
    fiat: [fiat.amountCents, fiat.preciseAmountCents.toFixed(), fiat.unitAmountCents, fiat.preciseUnitAmount.toFixed()],
    unit: [pricingUnit?.amountCents, pricingUnit?.preciseAmountCents.toFixed(), pricingUnit?.unitAmountCents],
  };
};

describe('a price in a pricing unit (spec, usage 11)', () => {
  test.each([
    ['300', '1', '0.5', 'EUR', [15000n, '15000', 50n, '0.5'], [30000n, '30000', 100n]],
    // Nothing finer than a hundredth of the unit is paid.
    ['1.006', '0.019', '0.5', 'EUR', [51n, '50.5', 0n, '0.005'], [101n, '100.6', 1n]],
    ['0.005', '0.005', '100', 'EUR', [100n, '100', 0n, '0'], [1n, '0.5', 0n]],
    // Its hundredths are not those of the currency.
    ['10', '1', '0.5', 'JPY', [5n, '5', 0n, '0.5'], [1000n, '1000', 100n]],
    ['10', '1', '0.5', 'KWD', [5000n, '5000', 500n, '0.5'], [1000n, '1000', 100n]],
  ] as const)('of %s, %s each, at %s %s', (amount, unitAmount, rate, currency, fiat, unit) => {
    expect(priced(amount, unitAmount, rate, currency)).toEqual({ fiat, unit });
  });

  test('has a hundred subunits, whatever the currency has', () => {
    expect(subunitsOf(credits('1', 'JPY'))).toBe(100);
    expect(subunitsOf({ currency: 'KWD', pricingUnit: null })).toBe(1000);
  });
});

test('what lacks of a minimum in a pricing unit is found in that unit, and converted', () => {
  const money = credits('0.5');
  const fees = [pricedAmounts(new Decimal('300.004'), new Decimal(1), money)];
  expect(trueUp(fees, new Decimal(40_000), money)).toMatchObject({
    amountCents: 5000n,
    preciseAmountCents: new Decimal(5000),
    preciseUnitAmount: new Decimal(50),
    pricingUnit: { amountCents: 10_000n, preciseAmountCents: new Decimal('9999.6'), unitAmountCents: 10_000n },
  });
  expect(trueUp(fees, new Decimal(30_000), money)).toBeNull();
});
