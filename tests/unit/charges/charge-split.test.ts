import { expect, test } from '@jest/globals';
import { eventFacts, type ChargeModel } from '../../../billing/charges/charge-model.ts';
import { chargeSplit, factsOfSplit } from '../../../billing/charges/charge-split.ts';
import { pricingGroupKeys } from '../../../billing/charges/group-key-properties.ts';
import { pricingOf } from '../../../billing/charges/properties.ts';
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
    presentationKeys: [],
    declaredValues: { cloud: ['aws', 'gcp'] },
  });
});

test('single events are looked at where some of them are free, bounded, or say what they cost', () => {
  const facts = (model: ChargeModel, properties: object) => eventFacts(pricingOf(model, properties));
  const one = { from_value: 0, to_value: null, per_unit_amount: '1', flat_amount: '0' };
  expect(facts('standard', { amount: '1' })).toBeNull();
  expect(facts('graduated', { graduated_ranges: [one] })).toBeNull();
  expect(facts('percentage', { rate: '1', fixed_amount: '2' })).toBeNull();
  expect(facts('percentage', { rate: '1', free_units_per_events: 2 })).toBe('values');
  expect(facts('percentage', { rate: '1', per_transaction_max_amount: '2' })).toBe('values');
  expect(facts('dynamic', {})).toBe('amounts');
});

test('the price of one filter is enough for the events of a charge to be read', () => {
  const createdAt = new Date('2026-01-01T00:00:00Z');
  const filter = {
    id: 'f1',
    values: { cloud: ['aws'] },
    properties: { rate: '1', free_units_per_events: 2 },
    createdAt,
  };
  const charge = { chargeModel: 'percentage', properties: { rate: '1' } } as const;
  expect(factsOfSplit(chargeSplit(charge, [filter], []))).toBe('values');
  expect(factsOfSplit(chargeSplit(charge, [], []))).toBeNull();
});
