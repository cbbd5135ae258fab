import { describe, expect, test } from '@jest/globals';
import { CURRENCIES, isCurrency, subunitDigits, subunitFactor } from '../../../billing/money/currency.ts';

// Spec, usage 10.
const WITHOUT_SUBUNIT = 'BIF CLP DJF GNF HUF ISK JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF'.split(' ');
const THREE_DIGITS = ['BHD', 'JOD', 'KWD'];

describe('currencies', () => {
  test('digits are those of the spec, two for all that it does not name', () => {
    const expected = (code: string): number => {
      if (WITHOUT_SUBUNIT.includes(code)) return 0;
      if (THREE_DIGITS.includes(code)) return 3;
      return code === 'CLF' ? 4 : 2;
    };
    for (const code of CURRENCIES) expect([code, subunitDigits(code)]).toEqual([code, expected(code)]);
  });

  test('every currency that the spec names is accepted', () => {
    for (const code of [...WITHOUT_SUBUNIT, ...THREE_DIGITS, 'CLF', 'HRK', 'MRO', 'EUR', 'USD', 'GBP'])
      expect([code, isCurrency(code)]).toEqual([code, true]);
  });

  test('each code is three capitals and listed once', () => {
    expect(new Set(CURRENCIES).size).toBe(CURRENCIES.length);
    expect(CURRENCIES.length).toBe(141);
    for (const code of CURRENCIES) expect(code).toMatch(/^[A-Z]{3}$/);
  });

  test.each([['eur'], ['EURO'], [''], ['XXX'], ['toString'], ['__proto__'], [null], [undefined], [978], [['EUR']]])(
    '%p is refused',
    (code) => {
      expect(isCurrency(code)).toBe(false);
    },
  );

  test.each([
    ['EUR', 100],
    ['JPY', 1],
    ['KWD', 1000],
    ['CLF', 10000],
  ] as const)('one %s has %d cents', (currency, cents) => {
    expect(subunitFactor(currency)).toBe(cents);
  });
});
