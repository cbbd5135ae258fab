// An index on a table in use is built beside the work, by a migration that no transaction holds together
// (CONTRIBUTING.md).
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModule } from 'libpg-query';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { migrate } from '../../../db/migrate.ts';
import { readMigration } from '../../../lint/migrations/read-migration.ts';
import { findingsOf } from '../../../lint/migrations/rules.ts';
import { until } from '../../support/until.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';

const THINGS = fileURLToPath(new URL('./things', import.meta.url));

let database: TestDatabase;
let client: Client;
beforeEach(async () => {
  database = await testDatabase({ migrated: false });
  client = new Client({ connectionString: database.databaseUrl });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

const index = async () =>
  (await client.query(`select indisvalid as valid from pg_index where indexrelid = to_regclass('things_code')`)).rows;
const executed = async () =>
  (await client.query<{ name: string }>('select name from mikro_orm_migrations order by name')).rows.map(
    ({ name }) => name,
  );

test('several processes build it once', async () => {
  await Promise.all([1, 2, 3].map(() => migrate(database.databaseUrl, THINGS)));
  expect(await index()).toEqual([{ valid: true }]);
  expect(await executed()).toEqual(['Migration20270101000000Things', 'Migration20270102000000ThingsByCode']);
});

test('whoever waits for another is told so', async () => {
  const said: string[] = [];
  await client.query('select pg_advisory_lock(20261123)');
  const waiting = migrate(database.databaseUrl, THINGS, (sentence) => said.push(sentence));
  await until(() => said.length > 0, 'it says that it waits');
  await client.query('select pg_advisory_unlock(20261123)');
  await waiting;
  expect(said).toEqual(['Another process migrates this database: waiting until it has done so']);
  expect(await executed()).toHaveLength(2);
});

test('a build that failed leaves what was before it, and the next try begins anew', async () => {
  await client.query('create table things (id int primary key, code text not null)');
  await client.query(`insert into things values (1, 'twice'), (2, 'twice')`);
  await client.query('create table mikro_orm_migrations (id serial primary key, name text, executed_at timestamptz)');
  await client.query(
    `insert into mikro_orm_migrations (name, executed_at) values ('Migration20270101000000Things', '2027-01-01')`,
  );
  await expect(migrate(database.databaseUrl, THINGS)).rejects.toThrow(/things_code/);
  expect(await index()).toEqual([{ valid: false }]);
  expect(await executed()).toEqual(['Migration20270101000000Things']);

  await client.query('delete from things where id = 2');
  await migrate(database.databaseUrl, THINGS);
  expect(await index()).toEqual([{ valid: true }]);
  expect(await executed()).toHaveLength(2);
});

test('the linter takes such migrations', async () => {
  await loadModule();
  const migrations = await Promise.all(readdirSync(THINGS).map((file) => readMigration(join(THINGS, file))));
  expect(migrations.map(({ isTransactional }) => isTransactional)).toEqual([true, false]);
  expect(migrations.flatMap(findingsOf)).toEqual([]);
});
