import { expect, test } from '@jest/globals';
import { chargeCodes } from '../../../billing/plans/charge-codes.ts';
import { invalid } from '../../../billing/refusal.ts';

const charges = (...codes: (string | null)[]) => codes.map((code) => ({ code, metricCode: 'calls' }));

// Spec, usage 3.2.
test.each([
  [[null], ['calls']],
  [['own'], ['own']],
  [
    [null, 'calls_7', null],
    ['calls', 'calls_7', 'calls_8'],
  ],
  [
    [null, null, null],
    ['calls', 'calls_2', 'calls_3'],
  ],
  [
    ['calls', 'calls_07', null],
    ['calls', 'calls_07', 'calls_2'],
  ],
])('%j become %j', (codes, expected) => {
  expect(chargeCodes(charges(...codes))).toEqual(expected);
});

test('two may not have the same', () => {
  expect(() => chargeCodes(charges('own', null, 'own'))).toThrow(invalid({ code: ['value_already_exist'] }));
});
