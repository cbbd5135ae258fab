import { describe, expect, test } from '@jest/globals';
import {
  chargeFilterTerms,
  filterIdentity,
  type ChargeFilterCommand,
} from '../../../billing/plans/charge-filter-terms.ts';
import { invalid } from '../../../billing/refusal.ts';

const DECLARED = [
  { key: 'cloud', values: ['aws', 'gcp'] },
  { key: 'region', values: ['eu', 'us'] },
];

const termsOf = (asked: Partial<ChargeFilterCommand>) =>
  chargeFilterTerms(
    { values: { cloud: ['aws'] }, properties: { amount: '5' }, invoiceDisplayName: null, ...asked },
    'standard',
    DECLARED,
  );

describe('a filter of a charge', () => {
  test('has its keys in order, each value once, and the properties of the model', () => {
    const asked = {
      values: { region: ['__ALL_FILTER_VALUES__'], cloud: ['gcp', 'aws', 'gcp'] },
      properties: { amount: '5', grouped_by: ['country'], rate: '1', presentation_group_keys: [{ value: 'zone' }] },
      invoiceDisplayName: 'Clouds',
    };
    const terms = termsOf(asked);
    expect(terms).toEqual({
      values: { cloud: ['gcp', 'aws'], region: ['__ALL_FILTER_VALUES__'] },
      properties: { amount: '5', grouped_by: ['country'] },
      invoiceDisplayName: 'Clouds',
    });
    expect(Object.keys(terms.values)).toEqual(['cloud', 'region']);
  });

  test.each([
    [{ values: {} }, { values: ['value_is_mandatory'] }],
    [{ values: { cloud: [] } }, { values: ['value_is_mandatory'] }],
    [{ values: { model: ['llama'] } }, { billable_metric_filter: ['relation_must_exist'] }],
    [{ values: { constructor: ['llama'] } }, { billable_metric_filter: ['relation_must_exist'] }],
    [{ values: { cloud: ['aws', 'azure'] } }, { values: ['value_is_invalid'] }],
    [{ values: { cloud: ['aws', '__ALL_FILTER_VALUES__'] } }, { values: ['value_is_invalid'] }],
    [{ properties: null }, { properties: ['invalid_amount'] }],
    [{ properties: { amount: 5 } }, { properties: ['invalid_amount'] }],
  ])('of %j is refused', (asked: Partial<ChargeFilterCommand>, details) => {
    expect(() => termsOf(asked)).toThrow(invalid(details));
  });
});

test('a filter is recognized whatever the order of its keys and values', () => {
  const identity = filterIdentity({ cloud: ['aws', 'gcp'], region: ['eu'] });
  expect(filterIdentity({ region: ['eu'], cloud: ['gcp', 'aws'] })).toBe(identity);
  expect(filterIdentity({ region: ['eu'], cloud: ['gcp'] })).not.toBe(identity);
});
