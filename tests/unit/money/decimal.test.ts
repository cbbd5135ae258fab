import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  Decimal,
  parseDecimalString,
  plainDecimal,
  roundDown,
  roundHalfAwayFromZero,
  roundUp,
} from '../../../billing/money/decimal.ts';

describe('the wire form of a decimal', () => {
  test.each([
    ['12', '12.0'],
    ['0.5', '0.5'],
    ['0', '0.0'],
    ['-0', '0.0'],
    ['-3', '-3.0'],
    ['1e21', '1000000000000000000000.0'],
    ['1e-9', '0.000000001'],
    ['10.50', '10.5'],
  ])('%s is written %s', (value, text) => {
    expect(plainDecimal(new Decimal(value))).toBe(text);
  });

  test('what is not finite is refused', () => {
    expect(() => plainDecimal(new Decimal(Infinity))).toThrow(RangeError);
    expect(() => plainDecimal(new Decimal(NaN))).toThrow(RangeError);
  });

  test('no exponent ever appears, and the text reads back as the same value', () => {
    const value = fc.tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.integer({ min: -30, max: 30 }));
    fc.assert(
      fc.property(value, ([digits, exponent]) => {
        const decimal = new Decimal(`${digits}e${exponent}`);
        const text = plainDecimal(decimal);
        expect(text).toMatch(/^-?\d+\.\d+$/);
        expect(new Decimal(text).eq(decimal)).toBe(true);
        expect(decimal.toString()).not.toContain('e');
      }),
    );
  });
});

describe('rounding', () => {
  test.each([
    // Half away from zero in both directions.
    ['0.5', 0, '1'],
    ['-0.5', 0, '-1'],
    ['2.5', 0, '3'],
    ['-2.5', 0, '-3'],
    ['1.005', 2, '1.01'],
    ['1.00499', 2, '1'],
    ['149', -2, '100'],
    ['150', -2, '200'],
    ['-150', -2, '-200'],
  ])('%s rounded to %d digits is %s', (value, digits, rounded) => {
    expect(roundHalfAwayFromZero(new Decimal(value), digits).toFixed()).toBe(rounded);
  });

  test('half away from zero agrees with whole-number arithmetic', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.integer({ min: 1, max: 12 }),
        (digits, cut) => {
          const step = 10n ** BigInt(cut);
          const size = digits < 0n ? -digits : digits;
          const expected = ((size + step / 2n) / step) * (digits < 0n ? -1n : 1n);
          expect(BigInt(roundHalfAwayFromZero(new Decimal(`${digits}e-${cut}`), 0).toFixed())).toBe(expected);
        },
      ),
    );
  });

  test('up and down enclose the value within one step', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -5, max: 5 }), (n, digits) => {
        const value = new Decimal(`${n}e-6`);
        const [down, up] = [roundDown(value, digits), roundUp(value, digits)];
        const step = new Decimal(10).pow(-digits);
        expect(down.lte(value) && up.gte(value)).toBe(true);
        expect(up.minus(down).eq(0) || up.minus(down).eq(step)).toBe(true);
        expect(down.mod(step).isZero() && up.mod(step).isZero()).toBe(true);
      }),
    );
  });

  test('sums keep 60 digits', () => {
    const large = new Decimal('9'.repeat(25));
    const small = new Decimal(`0.${'1'.repeat(30)}`);
    expect(large.plus(small).toFixed()).toBe(`${'9'.repeat(25)}.${'1'.repeat(30)}`);
  });
});

describe('decimal strings of a request', () => {
  test.each([
    ['5', '5'],
    ['5.12345', '5.12345'],
    ['0', '0'],
    ['-0', '0'],
    ['-0.00', '0'],
    ['+1.5', '1.5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1e3', '1000'],
    ['1.5E-3', '0.0015'],
    ['9'.repeat(25), '9'.repeat(25)],
    [`0.${'0'.repeat(29)}1`, `0.${'0'.repeat(29)}1`],
  ])('%s is accepted', (input, value) => {
    const parsed = parseDecimalString(input);
    expect(parsed?.toFixed()).toBe(value);
    expect(parsed?.isNegative()).toBe(false);
  });

  test.each([
    [5],
    [null],
    [undefined],
    [['5']],
    [''],
    [' '],
    [' 5'],
    ['5 '],
    ['5\n'],
    ['-1'],
    ['-0.0001'],
    ['NaN'],
    ['Infinity'],
    ['0x1f'],
    ['0b1'],
    ['1_000'],
    ['1,5'],
    ['1.2.3'],
    ['.'],
    ['e3'],
    ['abc'],
    ['٣'],
    // What could not be kept exactly, or would grow without end.
    ['1e26'],
    ['1e-31'],
    ['1e999999999'],
    ['1'.repeat(26)],
    ['0'.repeat(65)],
  ])('%p is refused', (input) => {
    expect(parseDecimalString(input)).toBeUndefined();
  });

  test('any text either is refused or reads back as an ordinary amount', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.bigInt().map(String)), (text) => {
        const value = parseDecimalString(text);
        if (value === undefined) return;
        expect(value.isFinite() && value.gte(0)).toBe(true);
        expect(plainDecimal(value).length).toBeLessThan(60);
        expect(value.eq(Number(text)) || Math.abs(value.minus(Number(text)).toNumber()) <= Number(text) * 1e-12).toBe(
          true,
        );
      }),
    );
  });
});
