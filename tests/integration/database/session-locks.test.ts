import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { sessionLocks } from '../../../db/session-locks.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';
import { until } from '../../support/until.ts';

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await testDatabase();
  client = new Client({ connectionString: database.databaseUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** The connections that hold locks, other than this test's. */
const connections = async (): Promise<{ pid: number; busy: boolean }[]> =>
  (
    await client.query<{ pid: number; busy: boolean }>(
      `select pid, backend_xmin is not null or backend_xid is not null as busy from pg_stat_activity
       where datname = current_database() and application_name = 'durabill locks'`,
    )
  ).rows;
const untilNoneIsLeft = () => until(async () => (await connections()).length === 0, 'no connection is left');

test('a lock is held by one, in this process and beyond, until it is let go', async () => {
  const [mine, theirs] = [sessionLocks(database.databaseUrl), sessionLocks(database.databaseUrl)];
  const release = await mine.tryLock('a');
  expect(release).not.toBeNull();
  expect([await mine.tryLock('a'), await theirs.tryLock('a')]).toEqual([null, null]);
  const other = await theirs.tryLock('b');
  expect([other === null, await mine.tryLock('b')]).toEqual([false, null]);
  await release?.();
  const next = await theirs.tryLock('a');
  expect([next === null, await mine.tryLock('a')]).toEqual([false, null]);
  await next?.();
  await other?.();
  await (await mine.tryLock('b'))!();
  await untilNoneIsLeft();
});

test('many locks of one process share a connection, which holds up no vacuum and ends with the last of them', async () => {
  const locks = sessionLocks(database.databaseUrl);
  const releases = await Promise.all(Array.from({ length: 50 }, (_, index) => locks.tryLock(`lock ${index}`)));
  expect(releases.every((release) => release !== null)).toBe(true);
  expect((await connections()).map(({ busy }) => busy)).toEqual([false]);
  await Promise.all(releases.map((release) => release!()));
  await untilNoneIsLeft();
});

test('under work that never ends no connection lives for ever', async () => {
  const locks = sessionLocks(database.databaseUrl);
  let last = await locks.tryLock('0');
  const [first] = await connections();
  expect(first).toBeDefined();
  for (let index = 1; index <= 150; index++) {
    const next = await locks.tryLock(String(index));
    await last?.();
    last = next;
  }
  await until(
    async () => (await connections()).every(({ pid }) => pid !== first!.pid),
    'the first connection has ended',
  );
  await last?.();
  await untilNoneIsLeft();
});

test('a connection that breaks frees its locks for others, and the next lock gets a new one', async () => {
  const [mine, theirs] = [sessionLocks(database.databaseUrl), sessionLocks(database.databaseUrl)];
  const release = await mine.tryLock('a');
  await client.query('select pg_terminate_backend($1)', [(await connections())[0]!.pid]);
  await untilNoneIsLeft();
  const taken = await theirs.tryLock('a');
  expect(taken).not.toBeNull();
  // In this process it is still held.
  expect(await mine.tryLock('a')).toBeNull();
  await release?.();
  expect(await mine.tryLock('a')).toBeNull();
  const other = await mine.tryLock('b');
  expect(other).not.toBeNull();
  await Promise.all([taken?.(), other?.()]);
  await untilNoneIsLeft();
});

test('a name is a name, whatever is in it', async () => {
  const [mine, theirs] = [sessionLocks(database.databaseUrl), sessionLocks(database.databaseUrl)];
  const name = `'; select \\ ' "$1" -- é`;
  const release = await mine.tryLock(name);
  expect([release === null, await theirs.tryLock(name)]).toEqual([false, null]);
  await release?.();
  await untilNoneIsLeft();
});

test('a database that is away is an error, and nothing stays held', async () => {
  const away = sessionLocks('postgresql://nobody@127.0.0.1:9/nothing');
  await expect(away.tryLock('a')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await expect(away.tryLock('a')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
