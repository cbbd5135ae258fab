import { describe, expect, test } from '@jest/globals';
import { roundUnits } from '../../../billing/usage/metric-rounding.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

describe('rounding of a metric', () => {
  // Spec, usage 1.3.
  test.each([
    ['round', 2, '123.46'],
    ['ceil', 2, '123.46'],
    ['floor', 2, '123.45'],
    ['round', null, '123'],
    ['ceil', null, '124'],
    ['floor', null, '123'],
    ['round', -2, '100'],
    ['ceil', -2, '200'],
    ['floor', -2, '100'],
    [null, null, '123.456'],
    [null, 1, '123.456'],
  ] as const)('123.456, %s with precision %s is %s', (roundingFunction, roundingPrecision, expected) => {
    expect(roundUnits(new Decimal('123.456'), { roundingFunction, roundingPrecision }).toFixed()).toBe(expected);
  });

  test.each([
    ['round', '-3'],
    ['ceil', '-2'],
    ['floor', '-3'],
  ] as const)('-2.5, %s is %s', (roundingFunction, expected) => {
    expect(roundUnits(new Decimal('-2.5'), { roundingFunction, roundingPrecision: null }).toFixed()).toBe(expected);
  });
});
