import { takes, type KeyValues } from '../usage/bucket-condition.ts';
import { groupOf, type Bucket } from '../usage/buckets.ts';

/** The part of a charge that one event belongs to. */
export interface EventBucket {
  readonly bucket: Bucket;
  /** Empty: the bucket is not grouped. */
  readonly groupedBy: KeyValues;
}

/**
 * The filter that an event matches with the most keys, the first of several; the default bucket where none does. An
 * event is grouped by that filter's keys, and only in the default bucket by the charge's (spec, usage 4.2; S015).
 *
 * Filters {cloud: [aws]} and {cloud: [aws], size: [512]}: an event on aws of 512 is the second one's.
 *
 * @param buckets of the charge, the default one last.
 */
export function bucketOfEvent(buckets: readonly Bucket[], values: KeyValues): EventBucket {
  const keysOf = ({ condition }: Bucket): number => Object.keys(condition.match).length;
  const bucket = buckets
    .filter(({ condition: { match } }) => takes({ match, except: [] }, values))
    .reduce((best, other) => (keysOf(other) > keysOf(best) ? other : best));
  return { bucket, groupedBy: groupOf(bucket.groupKeys, values) };
}
