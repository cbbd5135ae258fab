import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { priceUnits } from '../../../billing/charges/charge-model.ts';
import type { ChargeAmount } from '../../../billing/charges/charge-amount.ts';
import type { GraduatedRange } from '../../../billing/charges/graduated.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

type Row = readonly [from: number, to: number | null, perUnit: string, flat: string];

function price(rows: readonly Row[], units: string | number, fullUnits?: string): ChargeAmount {
  const ranges = rows.map(([fromValue, toValue, perUnit, flat]): GraduatedRange => ({
    fromValue,
    toValue,
    perUnitAmount: new Decimal(perUnit),
    flatAmount: new Decimal(flat),
  }));
  const full = fullUnits === undefined ? {} : { fullUnits: new Decimal(fullUnits) };
  return priceUnits(
    { chargeModel: 'graduated', ranges },
    { units: new Decimal(units), eventsCount: 1n, ...full },
    { currency: 'EUR', pricingUnit: null },
  );
}

// Spec, usage 3.7.
const RANGES: readonly Row[] = [
  [0, 10, '10', '2'],
  [11, 20, '5', '3'],
  [21, null, '5', '3'],
];

describe('graduated charges', () => {
  test.each([
    [0, '2', '0'],
    [1, '12', '12'],
    [10, '102', '10.2'],
    [11, '110', '10'],
    [12, '115', '9.58333'],
    [21, '163', '7.7619'],
  ])('%d units cost %s, %s a unit', (units, amount, unit) => {
    const result = price(RANGES, units);
    expect(result.amount.toFixed()).toBe(amount);
    expect(result.unitAmount.minus(unit).abs().lt('0.00001')).toBe(true);
  });

  test('a fraction above a bound falls into the next range', () => {
    expect(price(RANGES, '10.5').amount.toFixed()).toBe('107.5'); // 102 + 0.5 x 5 + 3
  });

  test.each([
    ['0.05', '0.5'],
    ['0.5', '3'],
    ['1', '5.5'],
    ['3', '9.5'],
  ])('adjacent ranges, %s units cost %s', (units, amount) => {
    const rows: readonly Row[] = [
      [0, 0.1, '10', '0'],
      [0.1, 1, '5', '0'],
      [1, null, '2', '0'],
    ];
    expect(price(rows, units).amount.toFixed()).toBe(amount);
  });

  test('ranges that are adjacent in part count one unit twice, as in the reference', () => {
    const rows: readonly Row[] = [
      [0, 10, '1', '0'],
      [10, 20, '1', '0'],
      [21, null, '1', '0'],
    ];
    expect(price(rows, 15).amount.toFixed()).toBe('16');
    expect(price(rows, 25).amount.toFixed()).toBe('26');
  });

  test.each([
    ['0', '7'],
    ['0.5', '8.5'],
    ['5', '22'],
    ['12', '53'], // 10 x 3 + 7, 2 x 5 + 6
  ])('a first range from 1 leaves nothing out: %s units cost %s', (units, amount) => {
    const rows: readonly Row[] = [
      [1, 10, '3', '7'],
      [11, null, '5', '6'],
    ];
    expect(price(rows, units).amount.toFixed()).toBe(amount);
  });

  test('a single range from 1 prices every unit', () => {
    expect(price([[1, null, '3', '7']], 5).amount.toFixed()).toBe('22');
  });

  test('no units in adjacent ranges from 1 cost the first flat amount alone', () => {
    const rows: readonly Row[] = [
      [1, 10, '3', '7'],
      [10, null, '5', '6'],
    ];
    expect(price(rows, 0).amount.toFixed()).toBe('7');
  });

  test('the unit amount of prorated units is that of the full ones', () => {
    expect(price(RANGES, 12, '23').unitAmount.toFixed()).toBe('5');
  });

  test('the details show the visited ranges, bounds as numbers and decimals as strings', () => {
    expect(price(RANGES, 12).amountDetails).toEqual({
      graduated_ranges: [
        {
          from_value: 0,
          to_value: 10,
          flat_unit_amount: '2.0',
          per_unit_amount: '10.0',
          units: '10.0',
          per_unit_total_amount: '100.0',
          total_with_flat_amount: '102.0',
        },
        {
          from_value: 11,
          to_value: 20,
          flat_unit_amount: '3.0',
          per_unit_amount: '5.0',
          units: '2.0',
          per_unit_total_amount: '10.0',
          total_with_flat_amount: '13.0',
        },
      ],
    });
  });

  test('a visited range without units shows no unit price', () => {
    expect(price(RANGES, 0).amountDetails).toEqual({
      graduated_ranges: [
        {
          from_value: 0,
          to_value: 10,
          flat_unit_amount: '2.0',
          per_unit_amount: '0.0',
          units: '0.0',
          per_unit_total_amount: '0.0',
          total_with_flat_amount: '2.0',
        },
      ],
    });
  });
});

interface Tier {
  readonly width: number;
  readonly perUnit: number;
  readonly flat: number;
}

// Counts one tenth of a unit after the other, each at the price of the tier that it lies in: no formula in common.
function countTenths(tiers: readonly Tier[], tenths: number): bigint {
  const ends: number[] = [];
  for (const tier of tiers) ends.push((ends.at(-1) ?? 0) + tier.width * 10);
  const tierOf = (tenth: number): number => {
    const at = ends.findIndex((end) => tenth <= end);
    return at === -1 || at === tiers.length - 1 ? tiers.length - 1 : at;
  };
  let total = BigInt(tiers[0]?.flat ?? 0) * 10n;
  for (let tenth = 1, reached = 0; tenth <= tenths; tenth += 1) {
    const at = tierOf(tenth);
    if (at > reached) total += BigInt(tiers[at]?.flat ?? 0) * 10n;
    reached = at;
    total += BigInt(tiers[at]?.perUnit ?? 0);
  }
  return total;
}

function rowsOf(tiers: readonly Tier[], step: 0 | 1): readonly Row[] {
  let end = 0;
  return tiers.map(({ width, perUnit, flat }, at) => {
    const start = at === 0 ? 0 : end + step;
    end += width;
    return [start, at === tiers.length - 1 ? null : end, String(perUnit), String(flat)];
  });
}

describe('graduated charges, property', () => {
  const tier = fc.record({ width: fc.integer({ min: 2, max: 9 }), perUnit: fc.nat(50), flat: fc.nat(50) });
  const tiers = fc.array(tier, { minLength: 1, maxLength: 5 });

  test.each([[0], [1]] as const)('ranges that begin %d above the one before add up unit by unit', (step) => {
    fc.assert(
      fc.property(tiers, fc.nat(600), (list, tenths) => {
        const amount = price(rowsOf(list, step), new Decimal(tenths).div(10).toFixed()).amount;
        expect(amount.times(10).toFixed()).toBe(countTenths(list, tenths).toString());
      }),
    );
  });

  test('the details add up to the amount and to the units', () => {
    fc.assert(
      fc.property(tiers, fc.nat(600), (list, tenths) => {
        const units = new Decimal(tenths).div(10);
        const result = price(rowsOf(list, 1), units.toFixed());
        const rows = result.amountDetails['graduated_ranges'] as readonly Record<string, string>[];
        const sum = (key: string): Decimal => Decimal.sum(0, ...rows.map((row) => row[key] ?? NaN));
        expect(sum('total_with_flat_amount').eq(result.amount)).toBe(true);
        expect(sum('units').eq(units)).toBe(true);
      }),
    );
  });

  test('more units never cost less', () => {
    fc.assert(
      fc.property(tiers, fc.nat(600), fc.nat(600), (list, one, other) => {
        const [fewer, more] = [Math.min(one, other), Math.max(one, other)];
        const amount = (tenths: number): Decimal => price(rowsOf(list, 1), String(tenths / 10)).amount;
        expect(amount(more).gte(amount(fewer))).toBe(true);
      }),
    );
  });
});
