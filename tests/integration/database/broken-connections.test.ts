import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openOrm } from '../../../db/orm.ts';
import { sql } from '../../../db/sql.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';
import { until } from '../../support/until.ts';

let database: TestDatabase;
let orm: MikroORM;

beforeAll(async () => {
  database = await testDatabase();
  orm = await openOrm(database.databaseUrl, { poolSize: 2 });
});
afterAll(async () => {
  await orm.close();
  await database.drop();
});

/**
 * Whether the whole pool is there: both connections are in use at once. The end of a killed one may arrive only now.
 */
const answers = async (): Promise<boolean> => {
  const both = [orm, orm].map(({ em }) => em.fork().transactional((inner) => sql(inner, 'select pg_sleep(0.01)')));
  return (await Promise.allSettled(both)).every(({ status }) => status === 'fulfilled');
};

test('connections that break inside transactions do not make the pool smaller', async () => {
  // More often than the pool has connections.
  for (let round = 0; round < 5; round++) {
    const cut = orm.em.fork().transactional(async (em) => {
      await sql(em, 'select pg_terminate_backend(pg_backend_pid())');
    });
    await expect(cut).rejects.toThrow(/terminat/);
    await expect(sql(orm.em.fork(), 'select pg_terminate_backend(pg_backend_pid())')).rejects.toThrow(/terminat/);
  }
  await until(answers, 'the pool answers');
});

test('a connection that breaks while its transaction is idle neither', async () => {
  for (let round = 0; round < 3; round++) {
    const cut = orm.em.fork().transactional(async (em) => {
      const [backend] = await sql<{ pid: number }>(em, 'select pg_backend_pid() as pid');
      await sql(orm.em.fork(), 'select pg_terminate_backend($1)', [backend?.pid]);
      await sql(em, 'select 1');
    });
    await expect(cut).rejects.toThrow();
  }
  await until(answers, 'the pool answers');
});

test('a transaction that does nothing is ended by the database, so that whoever is gone without a word holds no lock', async () => {
  const limit = await sql(orm.em.fork(), `select current_setting('idle_in_transaction_session_timeout') as limit`);
  expect(limit).toEqual([{ limit: '1min' }]);
  const idle = orm.em.fork().transactional(async (em) => {
    await sql(em, `select set_config('idle_in_transaction_session_timeout', '10ms', true)`);
    await until(async () => {
      const open = `select 1 from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`;
      return (await sql(orm.em.fork(), open)).length === 0;
    }, 'the idle transaction is ended');
    await sql(em, 'select 1');
  });
  await expect(idle).rejects.toThrow();
  await until(answers, 'the pool answers');
});
