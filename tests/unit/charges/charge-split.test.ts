import { expect, test } from '@jest/globals';
import { needsEventValues } from '../../../billing/charges/charge-model.ts';
import { chargeSplit } from '../../../billing/charges/charge-split.ts';
import { pricingGroupKeys } from '../../../billing/charges/properties.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

test.each([
  [{ pricing_group_keys: ['region', 'zone', 'region'] }, ['region', 'zone']],
  [{ grouped_by: ['region'] }, ['region']],
  [{ pricing_group_keys: ['zone'], grouped_by: ['region'] }, ['zone']],
  [{ pricing_group_keys: [] }, []],
  [{}, []],
])('usage with the properties %j is grouped by %j', (properties, keys) => {
  expect(pricingGroupKeys(properties)).toEqual(keys);
});

test('a stored charge splits usage by its filters, each with a price and groups of its own, then by its own', () => {
  const createdAt = new Date('2026-01-01T00:00:00Z');
  const filter = { id: 'f1', values: { cloud: ['aws'] }, properties: { amount: '3', grouped_by: ['zone'] }, createdAt };
  const charge = { chargeModel: 'standard', properties: { amount: '10', pricing_group_keys: ['region'] } } as const;
  const split = chargeSplit(charge, [filter], [{ key: 'cloud', values: ['aws', 'gcp'] }]);
  expect(split).toEqual({
    filters: [
      {
        id: 'f1',
        values: { cloud: ['aws'] },
        groupKeys: ['zone'],
        pricing: { chargeModel: 'standard', amount: new Decimal(3) },
        createdAt,
      },
    ],
    groupKeys: ['region'],
    pricing: { chargeModel: 'standard', amount: new Decimal(10) },
    declaredValues: { cloud: ['aws', 'gcp'] },
  });
});

test('models that price the units alone have no events read for them', () => {
  const range = { fromValue: 0, toValue: null, perUnitAmount: new Decimal(1), flatAmount: new Decimal(0) };
  expect(needsEventValues({ chargeModel: 'standard', amount: new Decimal(1) })).toBe(false);
  expect(needsEventValues({ chargeModel: 'graduated', ranges: [range] })).toBe(false);
});
