import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '../../../billing/money/decimal.ts';
import { ExactNumber, keepDigits, plainForm } from '../../../billing/usage/exact-number.ts';

const parse = (text: string): unknown => JSON.parse(text, keepDigits);

/** Every way in which JSON may write a number of these digits. */
const spelling = fc
  .record({
    negative: fc.boolean(),
    digits: fc.stringMatching(/^[1-9][0-9]{0,29}$/),
    point: fc.nat(29),
    exponent: fc.integer({ min: -400, max: 400 }),
    mark: fc.constantFrom('', 'e', 'E', 'e+', 'E+', 'e0', 'E+00'),
    zeros: fc.nat(5),
  })
  .map(({ negative, digits, point, exponent, mark, zeros }) => {
    const whole = digits.slice(0, point + 1);
    const fraction = digits.slice(point + 1) + '0'.repeat(zeros);
    const power = mark === '' ? '' : exponent < 0 ? `${mark.slice(0, 1)}${exponent}` : `${mark}${exponent}`;
    return `${negative ? '-' : ''}${whole}${fraction && `.${fraction}`}${power}`;
  });

describe('a number of JSON', () => {
  test.each([
    ['1', 1],
    ['-0', -0],
    ['0.1', 0.1],
    ['1E-7', 1e-7],
    ['1.5E+3', 1500],
    ['1000.0', 1000],
    ['9007199254740992', 9007199254740992],
    ['1e25', 1e25],
    ['0e999999999', 0],
  ])('%s is a number of JavaScript, which keeps it', (text, number) => {
    expect(parse(text)).toBe(number);
  });

  test.each([
    '1.23456789012345678E+10',
    '9007199254740993',
    '0.30000000000000004441',
    '1e400',
    '1e-400',
    '-1e99999999999999999999',
    '1e-99999999999999999999',
    // Below the normal range JavaScript has fewer digits than fifteen.
    '1.2345678e-320',
  ])('%s keeps its digits', (text) => {
    expect(parse(text)).toEqual(new ExactNumber(text));
    expect(JSON.stringify({ n: parse(text) })).toMatch(/^\{"n":-?[0-9.eE+-]+\}$/);
  });

  test('is worth what is written, in any spelling, there and back', () => {
    fc.assert(
      fc.property(spelling, (text) => {
        const written = JSON.stringify(parse(text));
        expect(new Decimal(written).eq(text)).toBe(true);
        expect(new Decimal(JSON.stringify(parse(written))).eq(text)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('within objects and lists, and nothing else, is read so', () => {
    const text = '{"a":[9007199254740993,"9007199254740993",null,true],"source":"1e400"}';
    expect(parse(text)).toEqual({
      a: [new ExactNumber('9007199254740993'), '9007199254740993', null, true],
      source: '1e400',
    });
  });

  test.each<[number | string, string | undefined]>([
    [1e-7, '0.0000001'],
    [-0, '0'],
    ['1.23456789012345678E+10', '12345678901.2345678'],
    ['12345678901234567.80000000000000000000000000000000000000000000000', '12345678901234567.8'],
    ['1e49', `1${'0'.repeat(49)}`],
    ['-1e49', undefined],
    ['1e50', undefined],
    ['1e-48', `0.${'0'.repeat(47)}1`],
    ['1e-49', undefined],
    ['1e400', undefined],
    ['1e-400', undefined],
    ['1e999999999', undefined],
    ['-1e99999999999999999999', undefined],
    ['1e-99999999999999999999', undefined],
    [Number.MAX_VALUE, undefined],
    [Number.MIN_VALUE, undefined],
  ])('%s is plainly %s', (number, plain) => {
    expect(plainForm(typeof number === 'string' ? new ExactNumber(number) : number)).toBe(plain);
  });
});
