import { describe, expect, test } from '@jest/globals';
import { Decimal } from '../../../billing/money/decimal.ts';
import { changedPricingUnit, newPricingUnit } from '../../../billing/plans/charge-pricing-unit.ts';
import { invalid } from '../../../billing/refusal.ts';

const UNITS = new Map([['credits', 'u1']]);
const applied = (conversionRate: string | number | null, code: string | null = 'credits') => ({ code, conversionRate });

describe('the pricing unit of a new charge (spec, usage 11)', () => {
  test('is named by its code, with a rate', () => {
    const credits = { pricingUnitId: 'u1', pricingUnitRate: new Decimal('0.5') };
    expect(newPricingUnit(applied('0.5'), UNITS)).toEqual(credits);
    expect(newPricingUnit(applied(0.5), UNITS)).toEqual(credits);
    expect(newPricingUnit(null, UNITS)).toEqual({ pricingUnitId: null, pricingUnitRate: null });
  });

  test.each([
    [applied('0'), { conversion_rate: ['value_is_out_of_range'] }],
    [applied(-1), { conversion_rate: ['value_is_out_of_range'] }],
    [applied('half'), { conversion_rate: ['value_is_invalid'] }],
    [applied(' '), { conversion_rate: ['value_is_mandatory'] }],
    [applied(null, 'points'), { pricing_unit: ['relation_must_exist'], conversion_rate: ['value_is_mandatory'] }],
    [applied('1', null), { pricing_unit: ['relation_must_exist'] }],
  ])('%j is refused', (command, details) => {
    expect(() => newPricingUnit(command, UNITS)).toThrow(invalid(details));
  });
});

describe('an update of a charge', () => {
  const credits = { pricingUnitId: 'u1', pricingUnitRate: new Decimal('0.5') };
  const none = { pricingUnitId: null, pricingUnitRate: null };

  test('changes the rate alone', () => {
    expect(changedPricingUnit(applied('0.6', 'points'), credits)).toEqual({
      pricingUnitId: 'u1',
      pricingUnitRate: new Decimal('0.6'),
    });
    expect(changedPricingUnit(applied(null), credits)).toEqual(credits);
    expect(changedPricingUnit(null, credits)).toEqual(credits);
    expect(changedPricingUnit(applied('0.6'), none)).toEqual(none);
    // Nothing else of the charge comes with it.
    const charge = { ...none, properties: { amount: '1' } };
    expect(changedPricingUnit(null, charge)).toEqual(none);
  });

  test('to a rate of nothing is refused', () => {
    expect(() => changedPricingUnit(applied('0'), credits)).toThrow(
      invalid({ conversion_rate: ['value_is_out_of_range'] }),
    );
  });
});
