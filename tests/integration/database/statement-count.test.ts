// What `onStatement` counts is what a test asks, whether connections are open already or not.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openOrm } from '../../../db/orm.ts';
import { sql } from '../../../db/sql.ts';
import { onStatement } from '../../support/on-statement.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

test('statements are counted alike on new connections and on idle ones', async () => {
  const orm = await openOrm(database.databaseUrl, { poolSize: 4 });
  try {
    let statements = 0;
    await onStatement(orm, () => statements++);
    const atOnce = () => Promise.all(Array.from({ length: 4 }, () => sql(orm.em.fork(), 'select 1')));
    await atOnce();
    expect(statements).toBe(4);
    await atOnce();
    expect(statements).toBe(8);
  } finally {
    await orm.close();
  }
});
