import { listOf, type KeyLists } from './bucket-condition.ts';
import type { Bucket } from './buckets.ts';

/**
 * The part of a bucket whose events have certain properties, for those who ask for one group of usage (spec, usage
 * 7.1). Those properties no longer group it.
 *
 * Of a bucket of `{cloud: [aws, gcp]}` by user and region the group `{user: [7], cloud: [aws]}` is that of `{cloud:
 * [aws], user: [7]}` by region.
 */
export function bucketOfGroup(bucket: Bucket, group: KeyLists): Bucket {
  const { match, except } = bucket.condition;
  const both = Object.entries(group).map(([key, list]): [string, readonly string[]] => [
    key,
    Object.hasOwn(match, key) ? list.filter((value) => listOf(match, key).includes(value)) : list,
  ]);
  return {
    ...bucket,
    groupKeys: bucket.groupKeys.filter((key) => !Object.hasOwn(group, key)),
    condition: { match: { ...match, ...Object.fromEntries(both) }, except },
  };
}
