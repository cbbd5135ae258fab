import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ChargePricing } from '../../../billing/charges/charge-model.ts';
import { takes, type KeyLists, type KeyValues } from '../../../billing/usage/bucket-condition.ts';
import {
  ALL_FILTER_VALUES,
  bucketsOf,
  partsOfGroups,
  splittingKeys,
  usageOfBucket,
  type ChargeFilter,
  type ChargeSplit,
  type UsageRow,
} from '../../../billing/usage/buckets.ts';
import type { UsageTotals } from '../../../billing/usage/usage-totals.ts';
import { Decimal, ZERO } from '../../../billing/money/decimal.ts';

const ALL = [ALL_FILTER_VALUES];
const price = (amount: number): ChargePricing => ({ chargeModel: 'standard', amount: new Decimal(amount) });

const filter = (id: string, values: KeyLists, change: Partial<ChargeFilter> = {}): ChargeFilter => ({
  id,
  values,
  groupKeys: [],
  pricing: price(3),
  createdAt: new Date('2026-01-01T00:00:00Z'),
  ...change,
});

const split = (filters: readonly ChargeFilter[], declaredValues: KeyLists, groupKeys: readonly string[] = []) => ({
  filters,
  groupKeys,
  pricing: price(10),
  presentationKeys: [],
  declaredValues,
});

const UNSPLIT = split([], {});

/** The buckets that take the events with these values; `default` stands for the default bucket. */
const placesOf = (charge: ChargeSplit, values: KeyValues): string[] =>
  bucketsOf(charge)
    .filter(({ condition }) => takes(condition, values))
    .map(({ chargeFilterId }) => chargeFilterId ?? 'default');

const row = (keys: KeyValues, sum: number, events = 1n): UsageRow => ({
  keys,
  totals: { aggregationType: 'sum_agg', numericEventsCount: events, sum: new Decimal(sum), carriedSum: ZERO },
});

const sumIn = (totals: UsageTotals): number | null => ('sum' in totals ? totals.sum.toNumber() : null);

const sumOf = (charge: ChargeSplit, id: string | null, rows: readonly UsageRow[]) =>
  usageOfBucket(
    bucketsOf(charge).find(({ chargeFilterId }) => chargeFilterId === id)!,
    rows,
    'sum_agg',
  ).map(({ groupedBy, totals }) => [groupedBy, sumIn(totals)]);

describe('the facts of filters (spec, usage 4.3)', () => {
  const declared = { steps: ['25', '50', '75', '100'], size: ['512', '1024'], model: ['llama-1', 'llama-2'] };
  const charge = split(
    [
      filter('f1', { steps: ['25'], size: ['512'], model: ['llama-2'] }),
      filter('f2', { steps: ['25'], size: ['512'] }),
      filter('f3', { steps: ALL, size: ALL }),
      filter('f4', { size: ALL }),
      filter('f5', { size: ['512'] }),
    ],
    declared,
  );

  test.each([
    [{ steps: '25', size: '512', model: 'llama-2' }, ['f1']],
    [{ steps: '25', size: '512', model: 'llama-1' }, ['f2']],
    [{ steps: '25', size: '512', model: null }, ['f2']],
    [{ steps: '50', size: '512', model: 'llama-2' }, ['f3']],
    [{ steps: '25', size: '1024', model: null }, ['f3']],
    [{ steps: '60', size: '1024', model: null }, ['f4']],
    [{ steps: null, size: '1024', model: null }, ['f4']],
    [{ steps: null, size: '512', model: 'llama-2' }, ['f5']],
    [{ steps: '25', size: '256', model: 'llama-2' }, ['default']],
    [{ steps: '25', size: null, model: null }, ['default']],
    [{ steps: '25' }, ['default']],
    [{}, ['default']],
  ] as const)('%j belongs to %j', (values, places) => {
    expect(placesOf(charge, values)).toEqual(places);
  });

  test('a value of a key set to all of its values must be declared', () => {
    const any = split([filter('any', { size: ALL })], { size: ['512'] });
    expect(placesOf(any, { size: '512' })).toEqual(['any']);
    expect(placesOf(any, { size: '256' })).toEqual(['default']);
    expect(placesOf({ ...any, declaredValues: {} }, { size: '512' })).toEqual(['default']);
  });

  test('a filter within another one takes its part', () => {
    const clouds = split([filter('all clouds', { cloud: ['aws', 'gcp'] }), filter('aws', { cloud: ['aws'] })], {});
    const rows = [row({ cloud: 'aws' }, 10), row({ cloud: 'gcp' }, 7)];
    expect(bucketsOf(clouds).map(({ chargeFilterId, pricing }) => [chargeFilterId, pricing])).toEqual([
      ['all clouds', price(3)],
      ['aws', price(3)],
      [null, price(10)],
    ]);
    expect([null, 'all clouds', 'aws'].map((id) => sumOf(clouds, id, rows))).toEqual([
      [[{}, 0]],
      [[{}, 7]],
      [[{}, 10]],
    ]);
  });

  test('lists that merely overlap count what they share twice', () => {
    const overlapping = split([filter('ab', { k: ['a', 'b'] }), filter('bc', { k: ['b', 'c'] })], {});
    expect(['a', 'b', 'c', 'd'].map((k) => placesOf(overlapping, { k }))).toEqual([
      ['ab'],
      ['ab', 'bc'],
      ['bc'],
      ['default'],
    ]);
  });

  test('of two alike the older one counts, of two of one moment the one with the smaller id', () => {
    const late = { createdAt: new Date('2026-02-01T00:00:00Z') };
    const two = (one: Partial<ChargeFilter>, other: Partial<ChargeFilter>) =>
      placesOf(split([filter('x', { k: ['a', 'b'] }, one), filter('w', { k: ['b', 'a'] }, other)], {}), { k: 'a' });
    expect(two({}, late)).toEqual(['x']);
    expect(two(late, {})).toEqual(['w']);
    expect(two({}, {})).toEqual(['w']);
  });

  test('properties may have the names of what every object has', () => {
    const odd = split([filter('odd', { constructor: ['x'] }), filter('plain', { k: ['a'] })], {}, ['toString']);
    expect(placesOf(odd, { constructor: 'x', k: null })).toEqual(['odd']);
    expect(placesOf(odd, { k: 'a' })).toEqual(['plain']);
    expect(sumOf(odd, null, [row({}, 1)])).toEqual([[{ toString: null }, 1]]);
    expect(sumOf(odd, null, [])).toEqual([[{ toString: null }, 0]]);
  });
});

describe('groups of a bucket (spec, usage 4.4)', () => {
  test('the example: a filter that groups, and a default bucket that does not', () => {
    const charge = split([filter('aws', { cloud: ['aws'], region: ALL }, { groupKeys: ['country'] })], {
      cloud: ['aws', 'gcp'],
      region: ['us', 'europe', 'asia'],
    });
    const rows = [
      row({ cloud: 'aws', region: 'us', country: 'us' }, 10),
      row({ cloud: 'aws', region: 'europe', country: 'france' }, 10),
      row({ cloud: 'aws', region: 'asia', country: null }, 10),
      row({ cloud: 'gcp', region: 'asia', country: 'china' }, 10),
    ];
    expect(splittingKeys(charge)).toEqual(['cloud', 'country', 'region']);
    expect(sumOf(charge, 'aws', rows)).toEqual([
      [{ country: null }, 10],
      [{ country: 'france' }, 10],
      [{ country: 'us' }, 10],
    ]);
    expect(sumOf(charge, null, rows)).toEqual([[{}, 10]]);
  });

  test('no property and an empty one are one group, and one group remains without usage', () => {
    const charge = split([], {}, ['country', 'city']);
    const rows = [row({ country: '', city: 'Rome' }, 1), row({ country: null, city: 'Rome' }, 2), row({ city: '' }, 4)];
    expect(sumOf(charge, null, rows)).toEqual([
      [{ country: null, city: null }, 4],
      [{ country: null, city: 'Rome' }, 3],
    ]);
    expect(sumOf(charge, null, [])).toEqual([[{ country: null, city: null }, 0]]);
  });

  test('the parts of a group are those of its rows alone, by other keys', () => {
    const rows = [
      row({ region: 'eu', user: '7', plan: 'a' }, 3),
      row({ region: 'eu', user: '7', plan: 'b' }, 1),
      row({ region: 'eu', user: '8', plan: 'a' }, 4),
      row({ region: 'us', user: '', plan: 'a' }, 2),
    ];
    const [bucket] = bucketsOf(split([], {}, ['region']));
    const parts = (groupedBy: KeyValues, keys: readonly string[]) =>
      partsOfGroups(bucket!, keys, rows)(groupedBy).map((part) => [part.groupedBy, sumIn(part.totals)]);
    expect(parts({ region: 'eu' }, ['user'])).toEqual([
      [{ user: '7' }, 4],
      [{ user: '8' }, 4],
    ]);
    expect(parts({ region: 'us' }, ['user', 'region'])).toEqual([[{ user: null, region: 'us' }, 2]]);
    expect(parts({ region: 'asia' }, ['user'])).toEqual([]);
    expect(parts({ region: 'eu' }, [])).toEqual([]);
  });

  test('a charge without filters and groups has all usage in one bucket, however the rows are split', () => {
    expect(splittingKeys(UNSPLIT)).toEqual([]);
    expect(bucketsOf(UNSPLIT)).toHaveLength(1);
    expect(sumOf(UNSPLIT, null, [row({ k: 'a' }, 1), row({ k: null }, 2), row({}, 4)])).toEqual([[{}, 7]]);
  });
});

const KEYS = ['a', 'b', 'c'] as const;
const VALUES = ['1', '2', '3'];
const declaredValues = { a: VALUES, b: VALUES, c: ['1', '2'] };

/** As a charge may have them: declared values alone (spec, usage 4.1). */
const lists = fc
  .uniqueArray(fc.constantFrom(...KEYS), { minLength: 1 })
  .chain((keys) =>
    fc
      .tuple(
        ...keys.map((key) =>
          fc.oneof(fc.uniqueArray(fc.constantFrom(...declaredValues[key]), { minLength: 1 }), fc.constant(ALL)),
        ),
      )
      .map((chosen) => Object.fromEntries(keys.map((key, at) => [key, chosen[at]!]))),
  );

const filters = fc
  .array(fc.tuple(lists, fc.integer({ min: 0, max: 2 }), fc.subarray([...KEYS])), { maxLength: 6 })
  .map((all) =>
    all.map(([values, day, groupKeys], at) =>
      filter(`f${at}`, values, { groupKeys, createdAt: new Date(Date.UTC(2026, 0, 1 + day)) }),
    ),
  );

const values = fc.record(
  Object.fromEntries(KEYS.map((key) => [key, fc.constantFrom<string | null>('1', '2', '3', '4', '', null)])),
);

const rows = fc.array(
  fc.tuple(values, fc.integer({ min: -9, max: 9 })).map(([keys, sum]) => row(keys, sum)),
  { maxLength: 20 },
);

/** The rule as its text says it, step by step, with the exclusion that changes nothing (spec, usage 4.3). */
function takesByTheText(charge: ChargeSplit, id: string | null, event: KeyValues): boolean {
  const listOf = ({ values: all }: ChargeFilter, key: string) =>
    all[key] && (all[key][0] === ALL_FILTER_VALUES ? (charge.declaredValues[key] ?? []) : all[key]);
  const keysOf = ({ values: all }: ChargeFilter) => Object.keys(all);
  const matchesAll = (one: ChargeFilter) => keysOf(one).every((key) => listOf(one, key)!.includes(event[key] ?? '-'));
  const own = charge.filters.find((one) => one.id === id);
  if (!own) return !charge.filters.some(matchesAll);
  return (
    matchesAll(own) &&
    !charge.filters.some((child) => {
      const isChild = keysOf(own).every((key) => listOf(child, key)?.some((one) => listOf(own, key)!.includes(one)));
      if (child === own || !isChild) return false;
      if (keysOf(child).length > keysOf(own).length) return matchesAll(child);
      const each = (check: (childs: readonly string[], owns: readonly string[]) => boolean) =>
        keysOf(own).every((key) => check(listOf(child, key)!, listOf(own, key)!));
      if (each((childs, owns) => childs.length === owns.length && childs.every((one) => owns.includes(one)))) {
        const [mine, other] = [own.createdAt.getTime(), child.createdAt.getTime()];
        return matchesAll(child) && (other < mine || (other === mine && child.id < own.id));
      }
      if (each((childs, owns) => childs.every((one) => owns.includes(one)))) return matchesAll(child);
      return keysOf(own).every((key) => {
        const isAll = own.values[key]?.[0] === ALL_FILTER_VALUES;
        const left = listOf(child, key)!.filter((one) => isAll || !listOf(own, key)!.includes(one));
        return left.includes(event[key] ?? '-');
      });
    })
  );
}

/** Whether no two filters share events without one being within the other: then nothing is counted twice. */
const isNested = (charge: ChargeSplit): boolean =>
  charge.filters.every((one) =>
    charge.filters.every((other) =>
      VALUES.concat('4').every((a) =>
        VALUES.concat('4').every((b) =>
          VALUES.concat('4').every((c) => {
            const event = { a, b, c };
            const alone = (single: ChargeFilter) => takesByTheText({ ...charge, filters: [single] }, single.id, event);
            return (
              !alone(one) ||
              !alone(other) ||
              placesOf({ ...charge, filters: [one, other] }, event).length <= 1 ||
              one === other
            );
          }),
        ),
      ),
    ),
  );

describe('any filters and any usage', () => {
  test('are split as the text of the rule says', () => {
    fc.assert(
      fc.property(filters, values, (all, event) => {
        const charge = split(all, declaredValues);
        const expected = [...all.map(({ id }) => id), null].filter((id) => takesByTheText(charge, id, event));
        expect(placesOf(charge, event)).toEqual(expected.map((id) => id ?? 'default'));
      }),
      { numRuns: 500 },
    );
  });

  test('no row is lost, and each is in one bucket alone where no two filters overlap', () => {
    fc.assert(
      fc.property(filters, rows, (all, used) => {
        const charge = split(all, declaredValues);
        const nested = isNested(charge);
        for (const { keys } of used) {
          const places = placesOf(charge, keys).length;
          expect(nested ? places === 1 : places >= 1).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('the groups of the buckets sum up to the rows that the buckets take', () => {
    fc.assert(
      fc.property(filters, fc.subarray([...KEYS]), rows, (all, groupKeys, used) => {
        const charge = split(all, declaredValues, groupKeys);
        for (const bucket of bucketsOf(charge)) {
          const taken = used.filter(({ keys }) => takes(bucket.condition, keys));
          const total = taken.reduce(
            (sum, { totals }) => ('sum' in totals ? sum.plus(totals.sum) : sum),
            new Decimal(0),
          );
          const groups = usageOfBucket(bucket, used, 'sum_agg');
          const sums = groups.map(({ totals }) => ('sum' in totals ? totals.sum : new Decimal(NaN)));
          expect(sums.reduce((sum, one) => sum.plus(one), new Decimal(0)).toFixed()).toBe(total.toFixed());
          expect(new Set(groups.map(({ groupedBy }) => JSON.stringify(groupedBy))).size).toBe(groups.length);
        }
      }),
    );
  });
});
