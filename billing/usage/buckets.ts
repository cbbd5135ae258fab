import type { ChargePricing } from '../charges/charge-model.ts';
import type { BucketCondition, KeyLists, KeyValues } from './bucket-condition.ts';
import { listOf, takes, valueOf } from './bucket-condition.ts';
import type { PresentationKey } from './presentation.ts';
import { addTotals, noTotals, type AggregationType, type UsageTotals } from './usage-totals.ts';

/** Stands alone in a filter's list for every value that the metric declares for the key (spec, usage 4.1). */
export const ALL_FILTER_VALUES = '__ALL_FILTER_VALUES__';

/** Whether a filter's list stands for every declared value: `['__ALL_FILTER_VALUES__']` does, `['aws']` does not. */
export const isEveryValue = (list: readonly string[]): boolean => list.length === 1 && list[0] === ALL_FILTER_VALUES;

/** A charge's own price for events with certain properties. */
export interface ChargeFilter {
  readonly id: string;
  readonly values: KeyLists;
  /** The property names by which its usage is grouped (spec, usage 4.4); not those of the charge. */
  readonly groupKeys: readonly string[];
  readonly pricing: ChargePricing;
  readonly createdAt: Date;
}

/** How a charge splits its usage, and what it asks for each part. */
export interface ChargeSplit {
  /** In the order of the charge's list. */
  readonly filters: readonly ChargeFilter[];
  /** The property names by which usage that no filter takes is grouped. */
  readonly groupKeys: readonly string[];
  /** Of that usage. */
  readonly pricing: ChargePricing;
  /** The properties by which units are shown apart, those of every filter too (spec, usage 4.5). */
  readonly presentationKeys: readonly PresentationKey[];
  /** The values that the metric declares for its filter keys. */
  readonly declaredValues: KeyLists;
}

/** A part of a charge's usage that has a price of its own. */
export interface Bucket {
  /** null: the default bucket, of the events that no filter takes. */
  readonly chargeFilterId: string | null;
  readonly groupKeys: readonly string[];
  readonly pricing: ChargePricing;
  readonly condition: BucketCondition;
}

/** What the events with these values add up to. */
export interface UsageRow {
  readonly keys: KeyValues;
  readonly totals: UsageTotals;
}

/** The usage of one group of a bucket. */
export interface GroupUsage {
  /** Empty: the bucket is not grouped. */
  readonly groupedBy: KeyValues;
  readonly totals: UsageTotals;
}

/**
 * The buckets of a charge: one a filter, in their order, then the default bucket (spec, usage 4.3).
 *
 * Filters "all clouds" [aws, gcp] and "AWS only" [aws], 10 units on aws and 7 on gcp: all clouds 7, AWS only 10,
 * default 0.
 */
export function bucketsOf({ filters, groupKeys, pricing, declaredValues }: ChargeSplit): readonly Bucket[] {
  const expanded = filters.map((filter) => ({ ...filter, values: expandedValues(filter.values, declaredValues) }));
  const all = expanded.map(({ values }) => values);
  return [
    ...expanded.map((filter) => ({
      chargeFilterId: filter.id,
      groupKeys: filter.groupKeys,
      pricing: filter.pricing,
      condition: {
        match: filter.values,
        except: expanded.filter((other) => takesFrom(other, filter)).map(({ values }) => values),
      },
    })),
    { chargeFilterId: null, groupKeys, pricing, condition: { match: {}, except: all } },
  ];
}

const expandedValues = (values: KeyLists, declaredValues: KeyLists): KeyLists =>
  Object.fromEntries(
    Object.entries(values).map(([key, list]) => [key, isEveryValue(list) ? listOf(declaredValues, key) : list]),
  );

/**
 * Whether events that match both filters belong to `child` and not to `parent` (spec, usage 4.3, steps 2 and 3): it
 * asks for more keys, or narrows the lists of the same keys, or is the older of two alike. Lists of the same keys
 * that merely overlap take nothing from each other: what they share is counted in both. What the rule excludes then
 * has values that the parent does not list.
 */
function takesFrom(child: ChargeFilter, parent: ChargeFilter): boolean {
  const [childKeys, parentKeys] = [Object.keys(child.values), Object.keys(parent.values)];
  const shares = (key: string): boolean =>
    listOf(child.values, key).some((value) => listOf(parent.values, key).includes(value));
  if (child.id === parent.id || !parentKeys.every(shares)) return false;
  if (childKeys.length > parentKeys.length) return true;
  if (!isWithin(child.values, parent.values)) return false;
  return !isWithin(parent.values, child.values) || isOlder(child, parent);
}

const isWithin = (inner: KeyLists, outer: KeyLists): boolean =>
  Object.entries(inner).every(([key, list]) => list.every((value) => listOf(outer, key).includes(value)));

const isOlder = (one: ChargeFilter, other: ChargeFilter): boolean =>
  one.createdAt < other.createdAt || (one.createdAt.getTime() === other.createdAt.getTime() && one.id < other.id);

/** A bucket of rows that were read for it alone: it takes all of them. */
export const withAllRows = (bucket: Bucket): Bucket => ({ ...bucket, condition: { match: {}, except: [] } });

/**
 * The property names whose values must be known to tell a charge's buckets and groups apart, and what it shows of them,
 * each once, sorted.
 */
export function splittingKeys({
  filters,
  groupKeys,
  presentationKeys,
}: Pick<ChargeSplit, 'filters' | 'groupKeys' | 'presentationKeys'>): readonly string[] {
  const ofFilters = filters.flatMap((filter) => [...Object.keys(filter.values), ...filter.groupKeys]);
  const shown = presentationKeys.map(({ key }) => key);
  return [...new Set([...ofFilters, ...groupKeys, ...shown])].toSorted();
}

/**
 * What the usage of a bucket adds up to, group by group, in the order of their values (spec, usage 4.4). An empty
 * text and a missing property are one group; without any usage there is one group of nothing.
 *
 * Grouped by region, rows eu 3, us 4 and (none) 1: {region: null} 1, {region: eu} 3, {region: us} 4.
 */
export function usageOfBucket(
  { condition, groupKeys }: Pick<Bucket, 'condition' | 'groupKeys'>,
  rows: readonly UsageRow[],
  aggregationType: AggregationType,
): readonly GroupUsage[] {
  const groups = usageBy(
    groupKeys,
    rows.filter(({ keys }) => takes(condition, keys)),
  );
  return groups.length > 0 ? groups : [{ groupedBy: groupOf(groupKeys, {}), totals: noTotals(aggregationType) }];
}

/**
 * What the usage of each group of a bucket adds up to by other properties of its events; nothing without any usage.
 *
 * Grouped by region, and of {region: eu} by user: rows {eu, 7} 3, {eu, 8} 4 and {us, 7} 1 are {user: 7} 3, {user: 8} 4.
 *
 * @returns the parts of a group, by its values.
 */
export function partsOfGroups(
  { condition, groupKeys }: Pick<Bucket, 'condition' | 'groupKeys'>,
  keys: readonly string[],
  rows: readonly UsageRow[],
): (groupedBy: KeyValues) => readonly GroupUsage[] {
  if (keys.length === 0) return () => [];
  const taken = rows.filter((row) => takes(condition, row.keys));
  const parts = Map.groupBy(usageBy([...new Set([...groupKeys, ...keys])], taken), ({ groupedBy }) =>
    groupName(groupKeys, groupedBy),
  );
  return (groupedBy) =>
    (parts.get(groupName(groupKeys, groupedBy)) ?? []).map((part) => ({
      groupedBy: groupOf(keys, part.groupedBy),
      totals: part.totals,
    }));
}

const groupName = (groupKeys: readonly string[], groupedBy: KeyValues): string =>
  JSON.stringify(groupKeys.map((key) => valueOf(groupedBy, key)));

function usageBy(groupKeys: readonly string[], rows: readonly UsageRow[]): readonly GroupUsage[] {
  const groups = new Map<string, GroupUsage>();
  for (const { keys, totals } of rows) {
    const groupedBy = groupOf(groupKeys, keys);
    const name = groupName(groupKeys, groupedBy);
    const known = groups.get(name)?.totals;
    groups.set(name, { groupedBy, totals: known ? addTotals(known, totals) : totals });
  }
  return [...groups.values()].toSorted((one, other) => compareGroups(one.groupedBy, other.groupedBy, groupKeys));
}

/** The group of an event with these values: an empty text and none are one. */
export const groupOf = (groupKeys: readonly string[], values: KeyValues): KeyValues =>
  Object.fromEntries(groupKeys.map((key) => [key, valueOf(values, key) === '' ? null : valueOf(values, key)]));

function compareGroups(one: KeyValues, other: KeyValues, groupKeys: readonly string[]): number {
  const [key] = groupKeys.filter((name) => valueOf(one, name) !== valueOf(other, name));
  if (key === undefined) return 0;
  return (valueOf(one, key) ?? '') < (valueOf(other, key) ?? '') ? -1 : 1;
}
