// Requests with events that arrive together share a transaction, and nothing else (spec, usage 2.3, 2.4).
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import fc from 'fast-check';
import { eventIntake, type EventIntake } from '../../../activities/usage/event-intake.ts';
import { answerTo } from '../../../api/http/errors.ts';
import { openOrm } from '../../../db/orm.ts';
import { lockMetricCodes } from '../../../db/queries/usage/metric-code-lock.ts';
import type { NewEvent } from '../../../db/queries/usage/store-events.ts';
import { sql } from '../../../db/sql.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';
import { until } from '../../support/until.ts';
import { anEvent, meteredOrganization, NOW, rollupsOf, type MeteredOrganization } from './metered-organization.ts';

let database: TestDatabase;
let orm: MikroORM;
let organization: MeteredOrganization;
let intake: EventIntake;

beforeAll(async () => {
  database = await testDatabase();
  orm = await openOrm(database.databaseUrl);
});
beforeEach(async () => {
  organization = await meteredOrganization(orm);
  await organization.addMetric({ code: 'bytes', aggregationType: 'sum_agg', fieldName: 'value' });
  intake = eventIntake(orm);
});
afterAll(async () => {
  await orm.close();
  await database.drop();
});

const receipt = { receivedAt: NOW, userAgent: null, ipAddress: null };

/** A request with events. @returns the indexes of those that are taken, or the status of its refusal. */
const send = (events: readonly NewEvent[], by = organization) =>
  intake
    .store(by.id, { events, receipt })
    .then(({ taken }) => taken)
    .catch((error: unknown) => answerTo(error)?.status ?? error);

const ids = (...transactionIds: readonly string[]) =>
  transactionIds.map((transactionId) => anEvent({ transactionId, properties: { value: 1 } }));

/** Events of an organization by transaction id, with the transaction of the database that stored them. */
const stored = (by = organization) =>
  sql<{ id: string; by: string; userAgent: string | null; receivedAt: string }>(
    by.em,
    `select transaction_id as id, xmin::text as by, user_agent as "userAgent", created_at::text as "receivedAt"
     from events where organization_id = $1 order by transaction_id`,
    [by.id],
  );
const storedIds = async (by = organization) => (await stored(by)).map(({ id }) => id);
const transactions = async () => new Set((await stored()).map(({ by }) => by)).size;
const counted = async (by = organization) =>
  (await rollupsOf(by)).reduce((sum, row) => sum + Number(row['events_count']), 0);

/** An event that no index can take: its values are too long together. */
async function addUnstorable(): Promise<NewEvent> {
  const names = Array.from({ length: 40 }, (_, index) => `name ${index}`);
  await organization.addMetric({ code: 'split', aggregationType: 'count_agg', fieldName: null, rollupKeys: names });
  const value = () => Array.from({ length: 60 }, () => Math.random().toString(36).slice(2, 6)).join('');
  return anEvent({ code: 'split', properties: Object.fromEntries(names.map((name) => [name, value()])) });
}

/**
 * Holds a metric's codes, as a rebuild of its rollups does, begins work, and lets go of them when `look` has ended.
 *
 * @returns what the work comes to.
 */
async function whileRebuilt<T>(
  code: string,
  begin: () => readonly Promise<T>[],
  look: (begun: readonly Promise<T>[]) => Promise<unknown> = () => Promise.resolve(),
): Promise<readonly T[]> {
  // What is begun is others' work: it must not find this transaction in its context.
  const outside = AsyncLocalStorage.snapshot();
  const { begun } = await organization.em.fork().transactional(async (em) => {
    await lockMetricCodes(em, organization.id, [code]);
    return outside(async () => {
      const started = begin();
      await until(async () => (await waitingForLocks()).length === 2, 'two transactions wait');
      await look(started);
      return { begun: started };
    });
  });
  return Promise.all(begun);
}

const waitingForLocks = () =>
  sql<{ pid: number; since: string }>(
    orm.em.fork(),
    `select pid, waitstart::text as since from pg_locks where locktype = 'advisory' and not granted
       and database = (select oid from pg_database where datname = current_database())`,
    [],
  );

describe('requests that arrive together', () => {
  test('share a transaction, and each is answered for its own', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `tx ${index}`);
    const answers = await Promise.all(names.map((name) => send(ids(`${name} a`, `${name} b`))));
    expect(answers).toEqual(names.map(() => []));
    expect(await storedIds()).toHaveLength(80);
    expect(await counted()).toBe(80);
    // The first two find nobody before them; all others go together.
    expect(await transactions()).toBe(3);
  });

  test('keep what came with each: when, by whom and from where', async () => {
    const requests = ['one', 'two', 'three', 'four', 'five'].map((userAgent, second) => ({
      events: ids(`${userAgent} a`, `${userAgent} b`),
      receipt: { receivedAt: new Date(NOW.getTime() + second * 1000), userAgent, ipAddress: null },
    }));
    await Promise.all(requests.map((request) => intake.store(organization.id, request)));
    for (const { id, userAgent, receivedAt } of await stored()) {
      const sent = requests.find(({ events }) => events.some(({ transactionId }) => transactionId === id))!;
      expect(userAgent).toBe(sent.receipt.userAgent);
      expect(new Date(receivedAt)).toEqual(sent.receipt.receivedAt);
    }
    expect(await transactions()).toBe(3);
  });

  test('are five hundred events at most, and a larger one is alone', async () => {
    const sized = (size: number, name: string) => send(ids(...Array.from({ length: size }, (_, i) => `${name} ${i}`)));
    await Promise.all([1, 1, 250, 250, 1, 600, 1].map((size, place) => sized(size, `of ${place}`)));
    expect(await storedIds()).toHaveLength(1104);
    // 1, 1, 250 with 250, 1, 600, 1.
    expect(await transactions()).toBe(6);
  });

  test('one that is alone waits for nobody', async () => {
    expect(await send(ids('a'))).toEqual([]);
    expect(await send(ids('b'))).toEqual([]);
    expect(await transactions()).toBe(2);
  });
});

describe('a neighbour', () => {
  test('whose id is taken is told which, and keeps nobody out', async () => {
    await send(ids('taken'));
    const answers = await Promise.all([
      send(ids('a')),
      send(ids('b')),
      send(ids('c')),
      send(ids('d', 'taken', 'e')),
      send(ids('f', 'f')),
      send(ids('g')),
    ]);
    expect(answers).toEqual([[], [], [], [1], [1], []]);
    expect(await storedIds()).toEqual(['a', 'b', 'c', 'g', 'taken']);
    expect(await counted()).toBe(5);
  });

  test('that is refused takes no id of those that come after it', async () => {
    await send(ids('taken'));
    const answers = await Promise.all([send(ids('a')), send(ids('b')), send(ids('x', 'taken')), send(ids('x'))]);
    expect(answers[2]).toContain(1);
    expect([answers[0], answers[1], answers[3]]).toEqual([[], [], []]);
    expect(await storedIds()).toEqual(['a', 'b', 'taken', 'x']);
  });

  test('that sends the same is refused: the first of them is stored', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => send(ids('same'))));
    expect(answers.filter((answer) => Array.isArray(answer) && answer.length === 0)).toHaveLength(1);
    expect(await storedIds()).toEqual(['same']);
    expect(await counted()).toBe(1);
  });

  test('that cannot be stored is refused, and keeps nobody out', async () => {
    const unstorable = await addUnstorable();
    const good = (transactionId: string) => anEvent({ transactionId, code: 'split' });
    const requests = Array.from({ length: 20 }, (_, place) => [good(`${place}`.padStart(2, '0'))]);
    const bad = new Set([5, 6, 19]);
    const answers = await Promise.all(
      requests.map((events, place) =>
        send(bad.has(place) ? [...events, { ...unstorable, transactionId: `x${place}` }] : events),
      ),
    );
    expect(answers).toEqual(requests.map((_, place) => (bad.has(place) ? 422 : [])));
    expect(await storedIds()).toHaveLength(17);
    expect(await counted()).toBe(17);
  });

  test('of another organization is another’s: the same ids and codes are free', async () => {
    const other = await meteredOrganization(orm);
    await other.addMetric({ code: 'bytes', aggregationType: 'count_agg', fieldName: null });
    const names = ['a', 'b', 'c', 'd'];
    const answers = await Promise.all(names.flatMap((name) => [send(ids(name)), send(ids(name), other)]));
    expect(answers).toEqual(answers.map(() => []));
    expect([await storedIds(), await storedIds(other)]).toEqual([names, names]);
    expect([await counted(), await counted(other)]).toEqual([4, 4]);
  });
});

describe('a metric whose rollups are rebuilt', () => {
  test('keeps its own events waiting, and no others', async () => {
    await organization.addMetric({ code: 'calls', aggregationType: 'count_agg', fieldName: null });
    const answers = await whileRebuilt(
      'bytes',
      () => ['a', 'b', 'c', 'd'].map((name) => send(ids(name))),
      async () => {
        expect(await send([anEvent({ code: 'calls', transactionId: 'other' })])).toEqual([]);
        expect(await storedIds()).toEqual(['other']);
      },
    );
    expect(answers).toEqual([[], [], [], []]);
    expect(await storedIds()).toHaveLength(5);
    expect(await transactions()).toBe(4);
  });

  test('for too long refuses all who have waited, not one after the other', async () => {
    const waited = new Set<string>();
    const answers = await whileRebuilt(
      'bytes',
      () => Array.from({ length: 30 }, (_, place) => send(ids(`tx ${place}`))),
      async (begun) => {
        let isOver = false;
        void Promise.all(begun).then(() => (isOver = true));
        await until(async () => {
          for (const { since } of await waitingForLocks()) waited.add(since);
          return isOver;
        }, 'all are answered');
      },
    );
    expect(answers).toEqual(answers.map(() => 422));
    // The first two, and all others together.
    expect(waited.size).toBe(3);
    expect(await storedIds()).toEqual([]);
    expect(await send(ids('tx 0'))).toEqual([]);
  });
});

test('a connection that breaks leaves nothing of those who shared it, and the next ones are stored', async () => {
  const answers = await whileRebuilt(
    'bytes',
    () => Array.from({ length: 12 }, (_, place) => send(ids(`tx ${place}`))),
    async (begun) => {
      const broken: number[] = [];
      for (const { pid } of await waitingForLocks()) {
        await sql(orm.em.fork(), 'select pg_terminate_backend($1)', [pid]);
        broken.push(pid);
      }
      expect(await Promise.all(begun.slice(0, 2))).toEqual([503, 503]);
      // All others, in one transaction.
      await until(async () => (await waitingForLocks()).some(({ pid }) => !broken.includes(pid)), 'the next waits');
      for (const { pid } of await waitingForLocks()) {
        await sql(orm.em.fork(), 'select pg_terminate_backend($1)', [pid]);
      }
      await Promise.all(begun);
    },
  );
  expect(answers).toEqual(answers.map(() => 503));
  expect(await storedIds()).toEqual([]);
  const again = await Promise.all(answers.map((_, place) => send(ids(`tx ${place}`))));
  expect(again).toEqual(answers.map(() => []));
});

test('in any mixture, what is answered as stored is stored and counted, once, and nothing else is', async () => {
  const name = fc.integer({ min: 0, max: 60 }).map(String);
  const requests = fc.array(fc.array(name, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(requests, async (sent) => {
      organization = await meteredOrganization(orm);
      await organization.addMetric({ code: 'bytes', aggregationType: 'count_agg', fieldName: null });
      const answers = await Promise.all(sent.map((names) => send(ids(...names))));
      const accepted = sent.filter((_, place) => (answers[place] as readonly number[]).length === 0).flat();
      expect(await storedIds()).toEqual([...new Set(accepted)].toSorted());
      expect(await counted()).toBe(accepted.length);
      for (const [place, names] of sent.entries()) {
        // What is told to be taken is there, or was there before in the same request.
        for (const index of answers[place] as readonly number[]) {
          const before = names.slice(0, index);
          expect([...accepted, ...before]).toContain(names[index]);
        }
      }
    }),
    { numRuns: 30 },
  );
});
