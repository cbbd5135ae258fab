import { describe, expect, test } from '@jest/globals';
import { countryOfVies, parseVatNumber } from '../../../billing/taxes/vat-number.ts';

describe('VAT numbers', () => {
  test.each([
    ['ATU12345678'],
    ['BE0123456789'],
    ['BE1123456789'],
    ['BG123456789'],
    ['CY12345678L'],
    ['CZ12345678'],
    ['DE123456789'],
    ['DK12345678'],
    ['EE123456789'],
    ['EL123456789'],
    ['ESX1234567X'],
    ['ES12345678X'],
    ['ESB12345678'],
    ['FI12345678'],
    ['FR12345678901'],
    ['FRXX123456789'],
    ['HR12345678901'],
    ['HU12345678'],
    ['IE1234567WI'],
    ['IE1S23456L'],
    ['IT10000000001'],
    ['LT123456789'],
    ['LT123456789012'],
    ['LU12345678'],
    ['LV12345678901'],
    ['MT12345678'],
    ['NL123456789B01'],
    ['PL1234567890'],
    ['PT123456789'],
    ['RO12'],
    ['RO1234567890'],
    ['SE123456789001'],
    ['SI12345678'],
    ['SK1234567890'],
    ['XI123456789'],
  ])('%s is one', (number) => {
    expect(parseVatNumber(number)).toEqual({ countryCode: number.slice(0, 2), number: number.slice(2) });
  });

  test.each([
    ['IT123'],
    ['10000000001'],
    ['IT1000000000A'],
    ['US123456789'],
    ['GB123456789'],
    ['ES123456789'],
    ['NL123456789A01'],
    ['DE123456789\n9'],
    ['__proto__'],
    ['IT'],
    [''],
  ])('%j is none', (text) => {
    expect(parseVatNumber(text)).toBeNull();
  });

  test('is read however people write it', () => {
    expect(parseVatNumber(' it 100.000.000-01 ')).toEqual({ countryCode: 'IT', number: '10000000001' });
    expect(parseVatNumber('BE 0123.456.789')).toEqual({ countryCode: 'BE', number: '0123456789' });
  });

  test('of Greece has the letters of VIES', () => {
    expect(parseVatNumber('GR123456789')).toEqual({ countryCode: 'EL', number: '123456789' });
    expect(countryOfVies('EL')).toBe('GR');
    expect(countryOfVies('DE')).toBe('DE');
  });
});
