import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import fc from 'fast-check';
import { rebuildRollups } from '../../../activities/usage/rebuild-rollups.ts';
import { Decimal } from '../../../billing/money/decimal.ts';
import { openOrm } from '../../../db/orm.ts';
import type { NewEvent } from '../../../db/queries/usage/store-events.ts';
import { readUsage, type UsageSlot, type UsageTotals } from '../../../db/queries/usage/usage.ts';
import { testDatabase, type TestDatabase } from '../../support/test-database.ts';
import { anEvent, meteredOrganization, rollupsOf, type MeteredOrganization } from './metered-organization.ts';

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
const CODES = ['bytes', 'calls'];

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
  transactionId: fc.nat(200).map((n) => `tx ${n}`),
  externalSubscriptionId: fc.constantFrom(...SUBSCRIPTIONS, null),
  code: fc.constantFrom(...CODES, 'unknown'),
  timestamp,
  value,
});

const batches = fc.array(fc.array(event, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 10 });

const slot = fc
  .record({
    externalSubscriptionId: fc.constantFrom(...SUBSCRIPTIONS, 'sub c'),
    code: fc.constantFrom(...CODES),
    from: milliseconds,
    to: milliseconds,
    carriesOver: fc.boolean(),
  })
  .map(({ from, to, ...rest }): UsageSlot => ({
    ...rest,
    fieldName: rest.code === 'bytes' ? 'value' : null,
    from: new Date(from),
    to: new Date(to),
    rolledUp: true,
  }));

type SentEvent = typeof event extends fc.Arbitrary<infer E> ? E : never;

const toEvent = ({ value: sent, ...rest }: SentEvent): NewEvent =>
  anEvent({ ...rest, properties: sent === undefined ? {} : { value: sent } });

/** Only the wire's own rule for numbers is repeated here (spec, usage 1.3). */
function numberIn({ properties }: NewEvent): Decimal | undefined {
  const sent = properties['value'];
  if (typeof sent !== 'string' && typeof sent !== 'number') return undefined;
  const text = typeof sent === 'number' ? new Decimal(sent).toFixed() : sent;
  const [whole = '', fraction, ...more] = (text.startsWith('-') ? text.slice(1) : text).split('.');
  const digits = (part: string) =>
    part !== '' && Array.from(part).every((character) => '0123456789'.includes(character));
  const isNumber = digits(whole) && (fraction === undefined || digits(fraction)) && more.length === 0;
  return isNumber && text.length <= 50 ? new Decimal(text) : undefined;
}

/** What a slot adds up to, event by event. */
function expected(events: readonly NewEvent[], { externalSubscriptionId, code, ...window }: UsageSlot): UsageTotals {
  const counted = events.filter((candidate) => {
    const instant = Number(candidate.timestamp / 1000n);
    return (
      candidate.externalSubscriptionId === externalSubscriptionId &&
      candidate.code === code &&
      (window.carriesOver || instant >= window.from.getTime()) &&
      instant <= window.to.getTime()
    );
  });
  const numbers = window.fieldName === null ? [] : counted.map(numberIn).filter((number) => number !== undefined);
  const sum = numbers.reduce((total, number) => total.plus(number), new Decimal(0));
  return { eventsCount: BigInt(counted.length), numericEventsCount: BigInt(numbers.length), sum };
}

const printed = (totals: readonly UsageTotals[]) =>
  totals.map((total) => `${total.eventsCount} events, ${total.numericEventsCount} numbers, ${total.sum.toFixed()}`);

async function expectUsage({ em, id }: MeteredOrganization, slots: readonly UsageSlot[], stored: readonly NewEvent[]) {
  const wanted = printed(slots.map((one) => expected(stored, one)));
  expect(printed(await readUsage(em, id, slots))).toEqual(wanted);
  expect(
    printed(
      await readUsage(
        em,
        id,
        slots.map((one) => ({ ...one, rolledUp: false })),
      ),
    ),
  ).toEqual(wanted);
}

describe('rollups', () => {
  test('say the same as the raw events, for any events that arrive side by side and any window', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.array(slot, { minLength: 1, maxLength: 12 }), async (sent, slots) => {
        const organization = await meteredOrganization(orm);
        const bytes = await organization.addMetric({ code: 'bytes', aggregationType: 'sum_agg', fieldName: 'value' });
        const calls = await organization.addMetric({ code: 'calls', aggregationType: 'count_agg', fieldName: null });
        const events = sent.map((batch) => batch.map(toEvent));
        const taken = await Promise.all(events.map((batch) => organization.ingest(batch)));
        const stored = events.filter((_batch, index) => taken[index]?.length === 0).flat();

        await expectUsage(organization, slots, stored);

        const before = await rollupsOf(organization);
        await rebuildRollups(organization.em, organization.id, bytes);
        await rebuildRollups(organization.em, organization.id, calls);
        expect(await rollupsOf(organization)).toEqual(before);
      }),
      { numRuns: 60 },
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
    const window = (from: string, to: string, carriesOver = false): UsageSlot => ({
      externalSubscriptionId: 'sub',
      code: 'bytes',
      fieldName: 'value',
      from: new Date(from),
      to: new Date(to),
      carriesOver,
      rolledUp: true,
    });
    const usage = await readUsage(organization.em, organization.id, [
      window('2026-03-13T18:30:00.000Z', '2026-03-14T18:29:59.999Z'),
      window('2026-03-13T18:30:00.000Z', '2026-03-13T18:59:59.998Z'),
      window('2026-03-13T18:30:00.000Z', '2026-03-13T18:59:59.999Z'),
      window('2026-03-13T19:00:00.000Z', '2026-03-13T19:59:59.999Z'),
      window('2026-03-14T18:30:00.000Z', '2026-03-14T18:30:00.000Z'),
      window('2026-03-14T18:30:00.000Z', '2026-03-13T18:30:00.000Z'),
      window('2026-03-14T18:30:00.000Z', '2026-03-14T18:29:59.999Z', true),
    ]);
    expect(usage.map(({ sum }) => sum.toNumber())).toEqual([11_110, 10, 110, 1000, 100_000, 0, 11_111]);
    expect(await readUsage(organization.em, organization.id, [])).toEqual([]);
  });
});
