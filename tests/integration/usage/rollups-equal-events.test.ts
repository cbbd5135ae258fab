import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import fc from 'fast-check';
import { rebuildRollups } from '../../../activities/usage/rebuild-rollups.ts';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { Proration } from '../../../billing/usage/usage-slot.ts';
import type { UsageRow } from '../../../billing/usage/buckets.ts';
import { addTotals, type AggregationType, type UsageTotals } from '../../../billing/usage/usage-totals.ts';
import { openOrm } from '../../../db/orm.ts';
import type { NewEvent } from '../../../db/queries/usage/store-events.ts';
import { readUsage } from '../../../db/queries/usage/usage.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';
import { sql } from '../../../db/sql.ts';
import { addedUp, textIn } from './added-up-events.ts';
import { anEvent, meteredOrganization, rollupsOf, sumOf, type MeteredOrganization } from './metered-organization.ts';

let database: TestDatabase;
let orm: MikroORM;

beforeAll(async () => {
  database = await testDatabase();
  orm = await openOrm(database.databaseUrl);
});

afterAll(async () => {
  await orm.close();
  await database.drop();
});

const HOUR = 3_600_000;
const START = Date.parse('2026-03-14T22:00:00Z');
const SUBSCRIPTIONS = ['sub a', 'sub b'];
/** A metric of each aggregation, by its code. */
const METRICS: ReadonlyMap<string, AggregationType> = new Map([
  ['bytes', 'sum_agg'],
  ['calls', 'count_agg'],
  ['peak', 'max_agg'],
  ['gauge', 'latest_agg'],
  ['level', 'weighted_sum_agg'],
  ['seats', 'unique_count_agg'],
]);
const CODES = [...METRICS.keys()];

/** Instants on and next to the edges of hours and half hours, and anywhere in eight hours. */
const milliseconds = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 16 }), fc.constantFrom(-1, 0, 1))
    .map(([half, offset]) => START + (half * HOUR) / 2 + offset),
  fc.integer({ min: 0, max: 8 * HOUR }).map((offset) => START + offset),
);

const timestamp = fc
  .tuple(milliseconds, fc.constantFrom(0, 1, 499, 500, 999))
  .map(([instant, microseconds]) => BigInt(instant) * 1000n + BigInt(microseconds));

const value = fc.oneof(
  fc.integer(),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => n / 1000),
  fc.bigInt(-(10n ** 40n), 10n ** 40n).map(String),
  fc.tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.nat(10 ** 9)).map(([whole, fraction]) => `${whole}.${fraction}`),
  fc.constantFrom('1e3', '+5', '.5', ' 5', '5 ', '5\n', '', '--1', '1.', '٣', '9'.repeat(50), '9'.repeat(51)),
  fc.constantFrom<unknown>(null, true, undefined, { value: 1 }, [1]),
);

const event = fc.record({
  // Few enough that some come twice, within a batch and across batches.
  transactionId: fc.nat(400).map((n) => `tx ${n}`),
  externalSubscriptionId: fc.constantFrom(...SUBSCRIPTIONS, null),
  code: fc.constantFrom(...CODES, 'unknown'),
  timestamp,
  // Few enough that some come more than once.
  value: fc.oneof(value, fc.constantFrom<unknown>(1, '2', undefined)),
  amount: fc.option(fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => new Decimal(n).div(1000))),
  region: fc.constantFrom<unknown>('eu', 'us', '', null, undefined, 7, true),
  operation: fc.constantFrom('add', 'remove', undefined, 'other'),
  class: fc.constantFrom<unknown>('a', 'b', undefined, ['a'], { of: 'a' }),
});

const batches = fc.array(fc.array(event, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 12 });

const asked = fc.record({
  externalSubscriptionId: fc.constantFrom(...SUBSCRIPTIONS, 'sub c'),
  code: fc.constantFrom(...CODES),
  from: milliseconds.map((instant) => new Date(instant)),
  to: milliseconds.map((instant) => new Date(instant)),
  carriesOver: fc.boolean(),
  keys: fc.constantFrom([], ['region'], ['class'], ['class', 'region'], ['other']),
  withValues: fc.boolean(),
  withAmounts: fc.boolean(),
  by: fc.constantFrom('days', 'events', null),
});

type Asked = typeof asked extends fc.Arbitrary<infer A> ? A : never;

/** Only of what carries over is anything prorated (spec, usage 5.1). Days of Kolkata begin at 18:30 UTC. */
const prorationOf = ({ code, carriesOver, by }: Asked): Proration | null =>
  by && carriesOver && ['bytes', 'seats'].includes(code) ? { by, timeZone: 'Asia/Kolkata' } : null;

type SentEvent = typeof event extends fc.Arbitrary<infer E> ? E : never;

const toEvent = ({ value: sent, amount, region, operation, class: ofClass, ...rest }: SentEvent): NewEvent =>
  anEvent({
    ...rest,
    preciseTotalAmountCents: amount,
    properties: JSON.parse(
      JSON.stringify({ value: sent, region, class: ofClass, operation_type: operation }),
    ) as object as NewEvent['properties'],
  });

/** A text that nothing makes shorter. */
const randomText = (length: number): string => randomBytes(length).toString('base64').slice(0, length);

/** What answers say, the values of the keys in one order; single events in one order, too. */
function printed(keys: readonly string[], rows: readonly UsageRow[]): string[] {
  const groups = Map.groupBy(rows, ({ keys: values }) => JSON.stringify(keys.map((key) => values[key] ?? null)));
  return [...groups]
    .map(([group, parts]) => `${group}: ${print(parts.map(({ totals }) => totals).reduce(addTotals))}`)
    .toSorted();
}

function print(totals: UsageTotals): string {
  const values = 'eventValues' in totals && totals.eventValues;
  const singles = values && values.map((one) => `${one.at} ${one.value.toFixed()} ${one.isInPeriod}`).toSorted();
  const read = 'operations' in totals && totals.operations;
  const operations = read && read.map((one) => Object.values(one).join(' ')).toSorted();
  return JSON.stringify({ ...totals, eventValues: singles, operations }, (_key, part: unknown) =>
    typeof part === 'bigint' ? String(part) : part,
  );
}

/** What a question's answer is, event by event. */
function expected(events: readonly NewEvent[], question: Asked): string[] {
  const { externalSubscriptionId, code, keys, ...window } = question;
  const counted = events.filter((candidate) => {
    const instant = Number(candidate.timestamp / 1000n);
    return (
      candidate.externalSubscriptionId === externalSubscriptionId &&
      candidate.code === code &&
      (window.carriesOver || instant >= window.from.getTime()) &&
      instant <= window.to.getTime()
    );
  });
  const aggregationType = METRICS.get(code)!;
  const valueOf = (one: NewEvent, key: string): string | null => {
    const text = textIn(one, key);
    return aggregationType === 'unique_count_agg' && text === '' ? null : text;
  };
  const groups = Map.groupBy(counted, (one) => JSON.stringify(keys.map((key) => valueOf(one, key))));
  return printed(
    keys,
    [...groups.values()].map((ofGroup) => ({
      keys: Object.fromEntries(keys.map((key) => [key, valueOf(ofGroup[0]!, key)])),
      totals: addedUp(aggregationType, ofGroup, { ...question, proration: prorationOf(question) }),
    })),
  );
}

async function expectUsage(
  organization: MeteredOrganization,
  questions: readonly Asked[],
  stored: readonly NewEvent[],
) {
  for (const rolledUp of [true, false]) {
    const slots = questions.map(({ code, ...question }) =>
      organization.slot(code, { ...question, rolledUp, proration: prorationOf({ code, ...question }) }),
    );
    const usage = await readUsage(organization.em, organization.id, slots);
    for (const [place, question] of questions.entries()) {
      expect(printed(question.keys, usage.get(slots[place]!.id)!)).toEqual(expected(stored, question));
    }
  }
}

describe('rollups', () => {
  test('say the same as the raw events, for any events that arrive side by side and any window', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.array(asked, { minLength: 1, maxLength: 12 }), async (sent, questions) => {
        const organization = await meteredOrganization(orm);
        // They are kept by keys of which some questions ask, others not; of one no key is kept.
        const metrics: string[] = [];
        for (const [code, aggregationType] of METRICS) {
          const isCount = aggregationType === 'count_agg';
          const fieldName = isCount ? null : 'value';
          const rollupKeys = isCount ? [] : ['class', 'region'];
          metrics.push(await organization.addMetric({ code, aggregationType, fieldName, rollupKeys }));
        }
        const events = sent.map((batch) => batch.map(toEvent));
        const taken = await Promise.all(events.map((batch) => organization.ingest(batch)));
        const stored = events.filter((_batch, index) => taken[index]?.length === 0).flat();

        await expectUsage(organization, questions, stored);

        const before = await rollupsOf(organization);
        for (const metric of metrics) await rebuildRollups(organization.em, organization.id, metric);
        expect(await rollupsOf(organization)).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  // Spec, usage 4.4.
  test('tell long values apart by their hashes, and say the same as the raw events', async () => {
    const organization = await meteredOrganization(orm);
    const metric = await organization.addMetric({
      code: 'bytes',
      aggregationType: 'count_agg',
      fieldName: null,
      rollupKeys: ['region'],
    });
    const long = (end: string): string => randomText(9999) + end;
    const common = randomText(9999);
    const regions = [`${common}a`, `${common}b`, long('c'), 'x'.repeat(255), 'x'.repeat(256)];
    const at = BigInt(Date.parse('2026-03-14T10:30:00Z')) * 1000n;
    await organization.ingest(regions.map((region) => anEvent({ timestamp: at, properties: { region } })));
    const kept = regions.map((region) =>
      region.length <= 255 ? region : `sha256:${createHash('sha256').update(region).digest('hex')}`,
    );
    const window = { from: '2026-03-01T00:00:00Z', to: '2026-03-31T23:59:59.999Z', keys: ['region'] };
    const groups = async (rolledUp: boolean) => {
      const slot = organization.slot('bytes', { ...window, rolledUp });
      const usage = await readUsage(organization.em, organization.id, [slot]);
      return new Set(usage.get(slot.id)!.map(({ keys }) => keys['region']));
    };
    expect(await groups(true)).toEqual(new Set(kept));
    expect(await groups(false)).toEqual(new Set(kept));
    const before = await rollupsOf(organization);
    await rebuildRollups(organization.em, organization.id, metric);
    expect(await rollupsOf(organization)).toEqual(before);
  });

  test('refuse an event whose values are too long together, and nothing of it is stored', async () => {
    const organization = await meteredOrganization(orm);
    const rollupKeys = Array.from({ length: 30 }, (_, index) => `k${String(index)}`);
    await organization.addMetric({ code: 'bytes', aggregationType: 'count_agg', fieldName: null, rollupKeys });
    const properties = Object.fromEntries(rollupKeys.map((key) => [key, randomText(255)]));
    await expect(organization.ingest([anEvent({ properties })])).rejects.toMatchObject({
      reason: { kind: 'validation', details: { properties: ['value_is_too_long'] } },
    });
    expect(await sql(organization.em, 'select 1 from events where organization_id = $1', [organization.id])).toEqual(
      [],
    );
  });

  test('take part in windows of half-hour zones and in windows within one hour', async () => {
    const organization = await meteredOrganization(orm);
    await organization.addMetric({ code: 'bytes', aggregationType: 'sum_agg', fieldName: 'value' });
    const at = (time: string, sent: number) =>
      anEvent({ timestamp: BigInt(Date.parse(time)) * 1000n + 999n, properties: { value: sent } });
    // A day in Kolkata begins at 18:30 UTC.
    await organization.ingest([
      at('2026-03-13T18:29:59.999Z', 1),
      at('2026-03-13T18:30:00.000Z', 10),
      at('2026-03-13T18:59:59.999Z', 100),
      at('2026-03-13T19:00:00.000Z', 1000),
      at('2026-03-14T18:29:59.999Z', 10_000),
      at('2026-03-14T18:30:00.000Z', 100_000),
    ]);
    const window = (from: string, to: string, carriesOver = false) =>
      organization.slot('bytes', { from, to, carriesOver });
    const usage = await organization.totals([
      window('2026-03-13T18:30:00.000Z', '2026-03-14T18:29:59.999Z'),
      window('2026-03-13T18:30:00.000Z', '2026-03-13T18:59:59.998Z'),
      window('2026-03-13T18:30:00.000Z', '2026-03-13T18:59:59.999Z'),
      window('2026-03-13T19:00:00.000Z', '2026-03-13T19:59:59.999Z'),
      window('2026-03-14T18:30:00.000Z', '2026-03-14T18:30:00.000Z'),
      window('2026-03-14T18:30:00.000Z', '2026-03-13T18:30:00.000Z'),
      window('2026-03-14T18:30:00.000Z', '2026-03-14T18:29:59.999Z', true),
    ]);
    expect(usage.map((totals) => Number(sumOf(totals)))).toEqual([11_110, 10, 110, 1000, 100_000, 0, 11_111]);
    expect(await readUsage(organization.em, organization.id, [])).toEqual(new Map());
  });

  test('of another definition, or that are being rebuilt, are not read, whatever the caller has loaded', async () => {
    const organization = await meteredOrganization(orm);
    const metric = await organization.addMetric({ code: 'bytes', aggregationType: 'sum_agg', fieldName: 'value' });
    await organization.ingest([anEvent({ properties: { value: 5, size: 7 } })]);
    const slot = organization.slot('bytes', { from: '2026-03-01T00:00:00Z', to: '2026-03-31T23:59:59.999Z' });
    const read = async () => (await organization.totals([slot])).map(sumOf);
    const change = (assignment: string) =>
      sql(organization.em, `update billable_metrics set ${assignment} where id = $1`, [metric]);
    // What only the rollups say.
    await sql(organization.em, 'update usage_rollups set sum = 1000 where organization_id = $1', [organization.id]);
    expect(await read()).toEqual(['1000']);
    await change('rolled_up = false');
    expect(await read()).toEqual(['5']);
    await change(`rolled_up = true, definition_version = 2, field_name = 'size'`);
    expect(await read()).toEqual(['5']);
    await change(`definition_version = 1`);
    expect(await read()).toEqual(['1000']);
    await change(`deleted_at = now()`);
    expect(await read()).toEqual(['5']);
  });
});
