import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { priceUnits } from '../../../billing/charges/charge-model.ts';
import { pricingOf } from '../../../billing/charges/properties.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

type Row = readonly [from_value: number, to_value: number | null, rate: string, flat_amount: string];

function price(rows: readonly Row[], units: string | number) {
  const graduated_percentage_ranges = rows.map(([from_value, to_value, rate, flat_amount]) => ({
    from_value,
    to_value,
    rate,
    flat_amount,
  }));
  const usage = { units: new Decimal(units), eventsCount: 1n };
  return priceUnits(pricingOf('graduated_percentage', { graduated_percentage_ranges }), usage, {
    currency: 'EUR',
    pricingUnit: null,
  });
}

// Spec, usage 3.8.
const RANGES: readonly Row[] = [
  [0, 10, '1', '200'],
  [11, 20, '2', '300'],
  [21, null, '3', '400'],
];

describe('graduated percentage charges', () => {
  test.each([
    [0, '200'],
    [1, '200.01'],
    [10, '200.1'],
    [11, '500.12'],
    [12, '500.14'],
    [21, '900.33'],
  ])('%d units cost %s', (units, amount) => {
    expect(price(RANGES, units).amount.toFixed()).toBe(amount);
  });

  test('adjacent ranges count their common unit twice, as in the reference', () => {
    const rows: readonly Row[] = [
      [0, 10, '100', '0'],
      [10, null, '100', '0'],
    ];
    expect(price(rows, 15).amount.toFixed()).toBe('16');
  });

  test('no units in a first range from 1 cost the flat amount alone', () => {
    expect(price([[1, null, '10', '7']], '0').amount.toFixed()).toBe('7');
    expect(price([[1, null, '10', '7']], '5').amount.toFixed()).toBe('7.5');
  });

  test('the details show the visited ranges, bounds as numbers and decimals as strings', () => {
    expect(price(RANGES, 12).amountDetails).toEqual({
      graduated_percentage_ranges: [
        {
          from_value: 0,
          to_value: 10,
          flat_unit_amount: '200.0',
          rate: '1.0',
          units: '10.0',
          per_unit_total_amount: '0.1',
          total_with_flat_amount: '200.1',
        },
        {
          from_value: 11,
          to_value: 20,
          flat_unit_amount: '300.0',
          rate: '2.0',
          units: '2.0',
          per_unit_total_amount: '0.04',
          total_with_flat_amount: '300.04',
        },
      ],
    });
  });

  test('the details add up to the amount and to the units, and more units never cost less', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(50), (tenths, more) => {
        const units = new Decimal(tenths).div(10);
        const { amount, amountDetails } = price(RANGES, units.toFixed());
        const rows = amountDetails['graduated_percentage_ranges'] as readonly Record<string, string>[];
        const sum = (key: string): Decimal => Decimal.sum(0, ...rows.map((row) => row[key] ?? NaN));
        expect(sum('total_with_flat_amount').eq(amount)).toBe(true);
        expect(sum('units').eq(units)).toBe(true);
        expect(price(RANGES, units.plus(more).toFixed()).amount.gte(amount)).toBe(true);
      }),
    );
  });
});
