import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ChargeAmount } from '../../../billing/charges/charge-amount.ts';
import { priceUnits } from '../../../billing/charges/charge-model.ts';
import { pricingOf } from '../../../billing/charges/properties.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

type Row = readonly [from_value: number, to_value: number | null, per_unit_amount: string, flat_amount: string];

function price(rows: readonly Row[], units: string | number, fullUnits?: string): ChargeAmount {
  const volume_ranges = rows.map(([from_value, to_value, per_unit_amount, flat_amount]) => ({
    from_value,
    to_value,
    per_unit_amount,
    flat_amount,
  }));
  const full = fullUnits === undefined ? {} : { fullUnits: new Decimal(fullUnits) };
  const usage = { units: new Decimal(units), eventsCount: 1n, ...full };
  return priceUnits(pricingOf('volume', { volume_ranges }), usage, { currency: 'EUR', pricingUnit: null });
}

// Spec, usage 3.11.
const RANGES: readonly Row[] = [
  [0, 100, '2', '10'],
  [101, 200, '1', '0'],
  [201, null, '0.5', '50'],
];

describe('volume charges', () => {
  test.each([
    ['0', '10'],
    ['1', '12'],
    ['100', '210'],
    ['100.5', '100.5'],
    ['101', '101'],
    ['200', '200'],
    ['300', '200'],
  ])('%s units cost %s', (units, amount) => {
    expect(price(RANGES, units).amount.toFixed()).toBe(amount);
  });

  test('full units decide the range of prorated ones', () => {
    const { amount, unitAmount } = price(RANGES, '198.6', '300');
    expect(amount.toFixed()).toBe('149.3');
    expect(unitAmount.eq(new Decimal('149.3').div(300))).toBe(true);
  });

  test('the details show the range that was reached', () => {
    expect(price(RANGES, 300).amountDetails).toEqual({
      flat_unit_amount: '50.0',
      per_unit_amount: '0.5',
      per_unit_total_amount: '150.0',
    });
    expect(price(RANGES, 0).amountDetails).toEqual({
      flat_unit_amount: '10.0',
      per_unit_amount: '0.0',
      per_unit_total_amount: '0.0',
    });
  });

  test('what two ranges leave out costs what the higher one says', () => {
    const rows: readonly Row[] = [
      [1, 10, '2', '0'],
      [12, null, '1', '0'],
    ];
    expect([0, 10, '10.5', 11, 12].map((units) => price(rows, units).amount.toFixed())).toEqual([
      '0',
      '20',
      '10.5',
      '11',
      '12',
    ]);
  });

  test('any units cost the price of one range for each, and its flat amount', () => {
    fc.assert(
      fc.property(fc.nat(4_000), (tenths) => {
        const units = new Decimal(tenths).div(10);
        const { amount, amountDetails } = price(RANGES, units.toFixed());
        const at = units.lte(100) ? 0 : units.lte(200) ? 1 : 2;
        expect(amount.eq(units.times(RANGES[at]![2]).plus(RANGES[at]![3]))).toBe(true);
        const details = amountDetails as Record<string, string>;
        expect(amount.eq(new Decimal(details['per_unit_total_amount']!).plus(details['flat_unit_amount']!))).toBe(true);
      }),
    );
  });
});
