import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerTo } from '../../../api/http/errors.ts';
import { openOrm } from '../../../db/orm.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';
import { until } from '../../support/until.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(() => database.drop());

test('a statement that is never answered becomes a 503 with Retry-After, and the connection can be used again', async () => {
  const orm = await openOrm(database.databaseUrl, { poolSize: 1, statementAnswerLimitMs: 200 });
  try {
    const unanswered = await orm.em
      .fork()
      .execute('select pg_sleep(1)')
      .catch((error: unknown) => error);
    expect(answerTo(unanswered)).toMatchObject({ status: 503, headers: { 'Retry-After': '2' } });
    const usable = async (): Promise<boolean> => {
      const rows = await orm.em
        .fork()
        .execute<{ one: number }[]>('select 1 as one')
        .catch(() => []);
      return rows[0]?.one === 1;
    };
    await until(usable, 'the connection is usable again');
  } finally {
    await orm.close();
  }
}, 30_000);
