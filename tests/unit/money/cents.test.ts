import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  amountToCents,
  amountToPreciseCents,
  CentsOutOfRange,
  centsToAmount,
  centsToNumber,
  isWithinJsonRange,
  numberToCents,
  roundToCents,
} from '../../../billing/money/cents.ts';
import { CURRENCIES, subunitDigits } from '../../../billing/money/currency.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

describe('amounts to cents', () => {
  test.each([
    ['5.12', 'EUR', 512n],
    ['500', 'JPY', 500n],
    ['1.234', 'KWD', 1234n],
    ['1', 'HUF', 1n],
    ['0.0001', 'CLF', 1n],
    // Fractions below half vanish: three groups at 0.004 are 0 each, ungrouped 0.012 is a cent (spec, usage 10).
    ['0.004', 'EUR', 0n],
    ['0.012', 'EUR', 1n],
    ['0.005', 'EUR', 1n],
    ['-0.005', 'EUR', -1n],
    ['0.5', 'JPY', 1n],
    // Beyond what a float could hold.
    ['90071992547409929.995', 'EUR', 9007199254740993000n],
  ] as const)('%s %s are %s cents', (amount, currency, cents) => {
    expect(amountToCents(new Decimal(amount), currency)).toBe(cents);
  });

  test('a precise amount keeps 15 digits of a cent', () => {
    expect(amountToPreciseCents(new Decimal(1).div(3), 'EUR').toFixed()).toBe('33.333333333333333');
    expect(amountToPreciseCents(new Decimal(2).div(3), 'JPY').toFixed()).toBe('0.666666666666667');
  });

  test('rounding in cents is rounding in units to the digits of the currency', () => {
    const amount = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 20 }));
    fc.assert(
      fc.property(amount, fc.constantFrom(...CURRENCIES), ([digits, scale], currency) => {
        const value = new Decimal(`${digits}e-${scale}`);
        const rounded = value.toDecimalPlaces(subunitDigits(currency), Decimal.ROUND_HALF_UP);
        expect(centsToAmount(amountToCents(value, currency), currency).eq(rounded)).toBe(true);
      }),
    );
  });

  test.each([
    ['54.838709677419355', 55n],
    ['64.5', 65n],
    ['64.499999999999999', 64n],
  ])('%s fractional cents are %s', (precise, cents) => {
    expect(roundToCents(new Decimal(precise))).toBe(cents);
  });

  test('cents, whole or fractional, as an amount', () => {
    expect(centsToAmount(512n, 'EUR').toFixed()).toBe('5.12');
    expect(centsToAmount(new Decimal('0.5'), 'KWD').toFixed()).toBe('0.0005');
    expect(centsToAmount(7n, 'JPY').toFixed()).toBe('7');
  });
});

describe('cents in JSON', () => {
  const most = 2n ** 53n - 1n;

  test('the largest that a JSON number holds exactly goes through, in both directions', () => {
    expect(centsToNumber(most)).toBe(9007199254740991);
    expect(centsToNumber(-most)).toBe(-9007199254740991);
    expect(numberToCents(9007199254740991)).toBe(most);
  });

  test.each([[most + 1n], [-most - 1n], [10n ** 40n]])('%s cents are refused', (cents) => {
    expect(() => centsToNumber(cents)).toThrow(CentsOutOfRange);
    expect(isWithinJsonRange(cents)).toBe(false);
  });

  test.each([[0.5], [2 ** 53], [NaN], [Infinity]])('the number %p is refused', (value) => {
    expect(() => numberToCents(value)).toThrow(CentsOutOfRange);
  });

  test('there and back is the same', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -most, max: most }), (cents) => {
        expect(numberToCents(centsToNumber(cents))).toBe(cents);
      }),
    );
  });
});
