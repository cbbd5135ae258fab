import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { migrate } from '../../../db/migrate.ts';
import { openOrm } from '../../../db/orm.ts';
import { schemaSnapshot } from '../../../db/schema-snapshot.ts';
import { filesOfRepository, REPOSITORY } from '../../support/repository.ts';
import { copiedDatabase, testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';

describe('a migrated database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase({ migrated: false });
    await migrate(database.databaseUrl);
  });
  afterAll(() => database.drop());

  test('has exactly the tables that the entities describe', async () => {
    const orm = await openOrm(database.databaseUrl);
    try {
      const statements = (await orm.schema.getUpdateSchemaSQL()).split('\n').filter((line) => line !== '');
      // Entities hold ids, not objects: that an id refers to a row is known to the migrations only.
      const references = /^(set names 'utf8'|alter table "\w+" drop constraint "\w+_fkey");$/;
      expect(statements.filter((statement) => !references.test(statement))).toEqual([]);
    } finally {
      await orm.close();
    }
  });

  test('is what db/schema.sql says', async () => {
    // `npm run schema` writes it anew.
    expect(await schemaSnapshot(database.databaseUrl)).toBe(readFileSync(join(REPOSITORY, 'db/schema.sql'), 'utf8'));
  });

  test('has a foreign key for each id of another row that an entity holds', async () => {
    const orm = await openOrm(database.databaseUrl);
    try {
      const entities = [...orm.getMetadata().getAll().values()];
      const tables = new Set(entities.map(({ tableName }) => tableName));
      const held = entities.flatMap(({ tableName, props }) =>
        props.flatMap(({ fieldNames: [column = ''], columnTypes: [type] }) => {
          const referred = type === 'uuid' ? tableNamed(column, tables) : undefined;
          return referred === undefined ? [] : [`${tableName}.${column} -> ${referred}`];
        }),
      );
      const keys = (await query(
        database.databaseUrl,
        `select format('%s.%s -> %s', conrelid::regclass, attname, confrelid::regclass) as key
         from pg_constraint
         join pg_attribute on attrelid = conrelid and attnum = any(conkey)
         join pg_class on pg_class.oid = confrelid
         where contype = 'f'`,
      )) as { key: string }[];
      const there = new Set(keys.map(({ key }) => key));
      expect(held.length).toBeGreaterThan(40);
      expect(held.filter((reference) => !there.has(reference)).toSorted()).toEqual(Object.keys(WITHOUT_KEY).toSorted());
    } finally {
      await orm.close();
    }
  });

  test('lets no row refer to a row of another organization', async () => {
    const references = (await query(
      database.databaseUrl,
      `select conname as name, array(select attname::text from unnest(conkey) key join pg_attribute on attrelid = conrelid and attnum = key) as columns
       from pg_constraint where contype = 'f' and confrelid <> 'organizations'::regclass order by 1`,
    )) as { name: string; columns: string[] }[];
    expect(references.length).toBeGreaterThan(0);
    expect(references.filter(({ columns }) => !columns.includes('organization_id'))).toEqual([]);
  });

  test('differs from it by what a hand has changed', async () => {
    const changed = await copiedDatabase(database);
    try {
      await query(changed.databaseUrl, 'alter table charges drop constraint charges_plan_id_fkey');
      const lines = new Set((await schemaSnapshot(changed.databaseUrl)).split('\n'));
      const gone = readFileSync(join(REPOSITORY, 'db/schema.sql'), 'utf8')
        .split('\n')
        .filter((line) => !lines.has(line));
      expect(gone).toEqual([expect.stringContaining('constraint charges_plan_id_fkey FOREIGN KEY')]);
    } finally {
      await changed.drop();
    }
  });

  test('is left as it is by a second start', async () => {
    const before = await executedMigrations(database.databaseUrl);
    await Promise.all([migrate(database.databaseUrl), migrate(database.databaseUrl)]);
    expect(await executedMigrations(database.databaseUrl)).toEqual(before);
    expect(before.length).toBeGreaterThan(0);
  });

  test('is refused when newer code has migrated it', async () => {
    const unknown = 'Migration29991231235959FromTheFuture';
    await query(
      database.databaseUrl,
      `insert into mikro_orm_migrations (name, executed_at) values ('${unknown}', '2999-12-31')`,
    );
    await expect(migrate(database.databaseUrl)).rejects.toThrow(unknown);
    await query(database.databaseUrl, `delete from mikro_orm_migrations where name = '${unknown}'`);
  });
});

test('a migration that has been released stays as it was, and in place', () => {
  const file = 'db/migrations/hashes.json';
  const recorded = JSON.parse(readFileSync(join(REPOSITORY, file), 'utf8')) as Record<string, string>;
  const migrations = filesOfRepository('db/migrations').filter((path) => path.endsWith('.ts'));
  // What changed a database once must read the same for ever: change it again with a new migration. A new one is
  // recorded by adding the line that this comparison shows.
  const actual = migrations.map((path) => [basename(path), sha256(readFileSync(join(REPOSITORY, path)))]);
  expect(recorded).toEqual(Object.fromEntries(actual));
  expect(Object.keys(recorded)).toEqual(Object.keys(recorded).toSorted());
});

/** Ids without a foreign key, each with its reason. */
const WITHOUT_KEY: Readonly<Record<string, string>> = {
  'acts.customer_id -> customers': 'an act is written before what it makes, and kept after what it was about',
  'acts.invoice_id -> invoices': 'the id of an invoice is known before the invoice is there',
  'acts.subscription_id -> subscriptions': 'as of its customer',
  'credit_note_items.fee_id -> fees':
    "a draft's fees are made anew under it, and the key would need a second unique index on every fee",
  'fees.event_id -> events': 'events are never deleted, and a key would need a second unique index on each of them',
  'fees.true_up_parent_fee_id -> fees':
    'written and deleted with its invoice, in one statement; a key would need an index',
  'running_usages.charge_filter_id -> charge_filters':
    'filters are marked as deleted and stay; the key would be looked at for every event',
  'usage_rollups.organization_id -> organizations': 'written with every event, which has the key',
  'webhooks.organization_id -> organizations': "a part of its endpoint's key, which has it",
};

/** The table whose row a column such as `plan_id` or `previous_subscription_id` names. */
const tableNamed = (column: string, tables: ReadonlySet<string>): string | undefined => {
  const words = /^(\w+)_id$/.exec(column)?.[1]?.split('_') ?? [];
  return words
    .map((_word, index) => words.slice(index).join('_'))
    .flatMap((name) => [`${name}s`, name.replace(/y$/, 'ies')])
    .find((table) => tables.has(table));
};

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

async function executedMigrations(databaseUrl: string): Promise<unknown[]> {
  return query(databaseUrl, 'select name, executed_at from mikro_orm_migrations order by name');
}

async function query(databaseUrl: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(statement)).rows as unknown[];
  } finally {
    await client.end();
  }
}
