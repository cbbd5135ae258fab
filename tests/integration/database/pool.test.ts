// Every slot of a worker at work at once on slow statements, and the pool that it demands at its start (S107).
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openOrm, type DatabasePool } from '../../../db/orm.ts';
import { sql } from '../../../db/sql.ts';
import { ACTIVITIES_AT_ONCE, readWorkerConfiguration } from '../../../worker/process/role-configuration.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';
import { until } from '../../support/until.ts';

const SLOTS = (['urgent', 'billing', 'exports', 'bulk'] as const).reduce(
  (sum, queue) => sum + ACTIVITIES_AT_ONCE[queue].normal + ACTIVITIES_AT_ONCE[queue].local,
  0,
);

let database: TestDatabase;
let poolSize: number;

beforeAll(async () => {
  database = await testDatabase();
  ({ poolSize } = readWorkerConfiguration({
    DATABASE_URL: database.databaseUrl,
    DURABILL_SECRET_KEY: 'a-secret-key-of-at-least-32-characters',
  }));
});
afterAll(() => database.drop());

/** Runs the slots of a worker in transactions that wait for a lock, and looks at the pool while all of them do. */
async function withFullSlots(
  size: number,
  look: (orm: MikroORM, pool: DatabasePool) => Promise<void>,
): Promise<number> {
  let pool: DatabasePool | undefined;
  const orm = await openOrm(database.databaseUrl, { poolSize: size, onPool: (opened) => (pool = opened) });
  const holder = await openOrm(database.databaseUrl, { poolSize: 1 });
  const lock = 'select pg_advisory_xact_lock(20261127)';
  let ended = 0;
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holding = holder.em.fork().transactional(async (em) => {
    await sql(em, lock);
    held.resolve();
    await release.promise;
  });
  await held.promise;
  const slots = Array.from({ length: SLOTS }, () =>
    orm.em.fork().transactional(async (em) => {
      await sql(em, lock);
      ended += 1;
    }),
  );
  try {
    await until(
      () => (pool?.totalCount ?? 0) - (pool?.idleCount ?? 0) >= Math.min(SLOTS, size),
      'every slot is at work',
    );
    if (pool) await look(orm, pool);
  } finally {
    release.resolve();
    await holding;
    await Promise.all(slots);
    await Promise.all([orm.close(), holder.close()]);
  }
  return ended;
}

test('the dispatcher and the watch over Temporal get their connections while every slot waits', async () => {
  const ended = await withFullSlots(poolSize, async (orm, pool) => {
    const beside = Array.from({ length: poolSize - SLOTS }, () => sql(orm.em.fork(), 'select 1 as one'));
    expect(await Promise.all(beside)).toEqual(beside.map(() => [{ one: 1 }]));
    expect([beside.length, pool.waitingCount]).toEqual([2, 0]);
  });
  expect(ended).toBe(SLOTS);
});

test('a smaller pool, which a start refuses, would make a slot wait for another one', async () => {
  const small = SLOTS - 1;
  await withFullSlots(small, (_orm, pool) => {
    expect(pool.waitingCount).toBe(1);
    return Promise.resolve();
  });
  expect(() =>
    readWorkerConfiguration({
      DATABASE_URL: database.databaseUrl,
      DURABILL_SECRET_KEY: 'a-secret-key-of-at-least-32-characters',
      DATABASE_POOL: String(small),
    }),
  ).toThrow(
    `DATABASE_POOL is "${small}"; the worker does ${SLOTS} activities at once and needs 2 connections beside them: it must be at least ${SLOTS + 2}.`,
  );
});
