/**
 * The values that an event, or the events of a rollup, have for some property names, as texts; null or absent: none.
 */
export type KeyValues = Readonly<Record<string, string | null>>;

/** Values for each of some property names. */
export type KeyLists = Readonly<Record<string, readonly string[]>>;

/**
 * Which events belong to a bucket, as data: `takes` decides it here, and `db/queries/usage/key-values.ts` turns the
 * same data into SQL. Events match lists when for each name they have a property whose text is in the name's list;
 * the empty lists match every event.
 */
export interface BucketCondition {
  readonly match: KeyLists;
  /** Events that match one of these belong elsewhere. */
  readonly except: readonly KeyLists[];
}

/**
 * Whether a bucket takes the events with these values.
 *
 * What matches {cloud: [aws, gcp]} except {cloud: [aws]} takes {cloud: gcp}, and neither {cloud: aws} nor {cloud:
 * null}.
 */
export function takes({ match, except }: BucketCondition, values: KeyValues): boolean {
  return matches(match, values) && !except.some((lists) => matches(lists, values));
}

/** Whether a bucket takes every event, as that of a charge without filters does. */
export const takesAll = ({ match, except }: BucketCondition): boolean =>
  Object.keys(match).length === 0 && except.length === 0;

function matches(lists: KeyLists, values: KeyValues): boolean {
  return Object.entries(lists).every(([key, list]) => {
    const value = valueOf(values, key);
    return value !== null && list.includes(value);
  });
}

/** Property names come from outside: of one called `constructor` only a value of its own counts. */
export const valueOf = (values: KeyValues, key: string): string | null =>
  Object.hasOwn(values, key) ? (values[key] ?? null) : null;

export const listOf = (lists: KeyLists, key: string): readonly string[] =>
  Object.hasOwn(lists, key) ? (lists[key] ?? []) : [];
