import { describe, expect, test } from '@jest/globals';
import {
  countsAlike,
  definitionWhileCharged,
  metricDefinition,
  type MetricCommand,
  type MetricDefinition,
  type RolledUpDefinition,
} from '../../../billing/billable-metrics/metric-definition.ts';
import { metricFilters } from '../../../billing/billable-metrics/metric-filters.ts';
import { featureUnavailable, invalid } from '../../../billing/refusal.ts';

const command = (asked: Partial<MetricCommand>): MetricCommand => ({
  name: 'Storage',
  code: 'storage',
  unavailable: [],
  ...asked,
});

const STORAGE: MetricDefinition = {
  name: 'Storage',
  code: 'storage',
  description: 'Disk',
  aggregationType: 'sum_agg',
  fieldName: 'gigabytes',
  expression: 'event.properties.bytes / 1000000000',
  recurring: true,
  weightedInterval: null,
  roundingFunction: 'ceil',
  roundingPrecision: 2,
  filters: [{ key: 'region', values: ['eu'] }],
};

// Spec, usage 1.2.
describe('the definition of a metric', () => {
  test('has its defaults, and no field where events are counted', () => {
    expect(metricDefinition(command({ aggregationType: 'count_agg', fieldName: 'gigabytes' }))).toEqual({
      name: 'Storage',
      code: 'storage',
      description: null,
      aggregationType: 'count_agg',
      fieldName: null,
      expression: null,
      recurring: false,
      weightedInterval: null,
      roundingFunction: null,
      roundingPrecision: null,
      filters: [],
    });
  });

  test('is weighted by an interval where time weights its sums, and by none elsewhere', () => {
    const weighted = command({ aggregationType: 'weighted_sum_agg', fieldName: 'gb', weightedInterval: 'seconds' });
    expect(metricDefinition(weighted)).toMatchObject({ weightedInterval: 'seconds', recurring: false });
    const update: MetricCommand = { recurring: true, unavailable: [] };
    expect(metricDefinition(update, metricDefinition(weighted))).toMatchObject({ weightedInterval: 'seconds' });
    const sum = command({ ...weighted, aggregationType: 'sum_agg' });
    expect(metricDefinition(sum)).toMatchObject({ weightedInterval: null });
  });

  test('has an expression, or none where it is blank', () => {
    const update = (expression: string | null): MetricCommand => ({ expression, unavailable: [] });
    expect(metricDefinition(update('1 + event.timestamp'), STORAGE).expression).toBe('1 + event.timestamp');
    expect([' ', null].map((blank) => metricDefinition(update(blank), STORAGE).expression)).toEqual([null, null]);
  });

  test('keeps what an update does not name; null is named', () => {
    const update: MetricCommand = { description: null, roundingPrecision: 0, unavailable: [] };
    expect(metricDefinition(update, STORAGE)).toEqual({ ...STORAGE, description: null, roundingPrecision: 0 });
  });

  test.each<[Partial<MetricCommand>, Error]>([
    [{ aggregationType: 'sum_agg', fieldName: ' ' }, invalid({ field_name: ['value_is_mandatory'] })],
    [
      { aggregationType: 'count_agg', recurring: true },
      invalid({ recurring: ['not_compatible_with_aggregation_type'] }),
    ],
    [
      { aggregationType: 'weighted_sum_agg', fieldName: 'gigabytes' },
      invalid({ weighted_interval: ['value_is_invalid'] }),
    ],
    [{ aggregationType: 'max_agg', fieldName: null }, invalid({ field_name: ['value_is_mandatory'] })],
    [
      { aggregationType: 'max_agg', fieldName: 'gigabytes', recurring: true },
      invalid({ recurring: ['not_compatible_with_aggregation_type'] }),
    ],
    [
      { aggregationType: 'latest_agg', fieldName: 'gigabytes', recurring: true },
      invalid({ recurring: ['not_compatible_with_aggregation_type'] }),
    ],
    [{ aggregationType: 'unique_count_agg' }, invalid({ field_name: ['value_is_mandatory'] })],
    [{ aggregationType: 'custom_agg' }, featureUnavailable(['aggregation_type'])],
    [{ aggregationType: 'count_agg', expression: '1+' }, invalid({ expression: ['invalid_expression'] })],
    [{ aggregationType: 'count_agg', unavailable: ['x'] }, featureUnavailable(['x'])],
  ])('%j is refused', (asked, refusal) => {
    expect(() => metricDefinition(command(asked))).toThrow(refusal);
  });
});

// Spec, usage 1.8.
test('while a charge uses it, only name, description and filters change', () => {
  const asked = command({ name: 'Disk', code: 'disk', aggregationType: 'count_agg', filters: [] });
  expect(definitionWhileCharged(asked, STORAGE)).toEqual({ name: 'Disk', description: 'Disk', filters: [] });
});

test.each<[Partial<RolledUpDefinition>, boolean]>([
  [{ name: 'Disk', roundingFunction: null, filters: [] }, true],
  [{ code: 'disk' }, false],
  [{ aggregationType: 'count_agg' }, false],
  [{ fieldName: 'bytes' }, false],
  [{ rollupKeys: [] }, true],
  [{ rollupKeys: ['region'] }, false],
])('with %j it counts alike: %p', (change, alike) => {
  expect(countsAlike({ ...STORAGE, ...change }, STORAGE)).toBe(alike);
});

describe('filters', () => {
  test('come in the order of their keys, values sorted, each once', () => {
    const asked = [
      { key: 'region', values: ['us', 'eu'] },
      { key: 'cloud', values: ['aws'] },
      { key: 'region', values: ['eu'] },
    ];
    expect(metricFilters(asked)).toEqual([
      { key: 'cloud', values: ['aws'] },
      { key: 'region', values: ['eu', 'us'] },
    ]);
  });

  test('have a key and values', () => {
    const problems = { key: ['value_is_mandatory'], values: ['value_is_mandatory'] };
    expect(() => metricFilters([{ key: ' ' }])).toThrow(invalid(problems));
  });
});
