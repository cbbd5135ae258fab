import { expect, test } from '@jest/globals';
import { takes } from '../../../billing/usage/bucket-condition.ts';
import type { Bucket } from '../../../billing/usage/buckets.ts';
import { bucketOfGroup } from '../../../billing/usage/usage-group.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

const bucket: Bucket = {
  chargeFilterId: 'f1',
  groupKeys: ['user', 'region'],
  pricing: { chargeModel: 'standard', amount: new Decimal(1) },
  condition: { match: { cloud: ['aws', 'gcp'] }, except: [{ cloud: ['gcp'], zone: ['1'] }] },
};

test('a group of a bucket has the events of both, by the other keys', () => {
  expect(bucketOfGroup(bucket, { user: ['7', '8'], cloud: ['aws', 'azure'] })).toEqual({
    ...bucket,
    groupKeys: ['region'],
    condition: { match: { cloud: ['aws'], user: ['7', '8'] }, except: [{ cloud: ['gcp'], zone: ['1'] }] },
  });
});

test('without a value in common it has none', () => {
  const { condition } = bucketOfGroup(bucket, { cloud: ['azure'] });
  expect(['aws', 'gcp', 'azure'].filter((cloud) => takes(condition, { cloud }))).toEqual([]);
});
