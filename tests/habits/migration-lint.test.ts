// Migrations that would hold up a database at work are refused (lint/migrations; S120).
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadModule } from 'libpg-query';
import { readMigration } from '../../lint/migrations/read-migration.ts';
import { findingsOf, type Rule } from '../../lint/migrations/rules.ts';
import { unreleasedMigrations } from '../../lint/migrations/unreleased.ts';
import { REPOSITORY } from '../support/repository.ts';

beforeAll(() => loadModule());

const rulesOf = (statements: string | readonly string[], isTransactional = true): Rule[] =>
  findingsOf({ name: 'Migration1', isTransactional, statements: [statements].flat() }).map(({ rule }) => rule);

test('every migration that is not released yet is safe', async () => {
  const migrations = await Promise.all(unreleasedMigrations(REPOSITORY).map((file) => readMigration(file)));
  expect(migrations.flatMap(findingsOf)).toEqual([]);
});

test('every migration can be read, and those of a release are known', async () => {
  const folder = join(REPOSITORY, 'db', 'migrations');
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const all = await Promise.all(files.map((file) => readMigration(join(folder, file))));
  expect(all.filter(({ statements }) => statements.length === 0)).toEqual([]);
  const unreleased = unreleasedMigrations(REPOSITORY).map((file) => basename(file, '.ts'));
  expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(unreleased));
  expect(unreleased).not.toContain('Migration20261123000000Foundation');
});

const REFUSED: readonly (readonly [rule: Rule, sql: string])[] = [
  ['create-index', 'create index events_code on events (code)'],
  ['create-index', 'create unique index fees_once on fees (event_id) where event_id is not null'],
  ['drop-index', 'drop index events_code'],
  ['column-type', 'alter table fees alter column units type numeric(40, 10)'],
  ['not-null', 'alter table fees alter column units set not null'],
  ['no-default', 'alter table fees add column tax text not null'],
  ['rewrites-table', 'alter table fees add column tax uuid default gen_random_uuid()'],
  ['rewrites-table', 'alter table fees add column place bigserial'],
  ['rewrites-table', 'alter table fees add column place int generated always as identity'],
  ['rewrites-table', 'alter table fees add column doubled bigint generated always as (amount_cents * 2) stored'],
  ['validates-at-once', 'alter table fees add constraint positive check (amount_cents >= 0)'],
  ['validates-at-once', 'alter table fees add constraint fees_tax foreign key (tax_id) references taxes (id)'],
  ['validates-at-once', 'alter table fees add column tax_id uuid references taxes (id)'],
  ['builds-index', 'alter table fees add constraint once unique (event_id)'],
  ['builds-index', 'alter table fees add primary key (id)'],
  ['builds-index', 'alter table fees add column event_id uuid unique'],
  ['builds-index', 'alter table fees add constraint apart exclude using gist (period with &&)'],
  ['drops', 'alter table fees drop column tax'],
  ['drops', 'alter table fees drop constraint once'],
  ['drops', 'alter table fees alter column tax drop default'],
  ['drops', 'drop table fees'],
  ['drops', 'drop view open_invoices'],
  ['renames', 'alter table fees rename to lines'],
  ['renames', 'alter table fees rename column units to quantity'],
  ['renames', 'alter table fees set schema old'],
  ['changes-rows', 'update fees set units = 0'],
  ['changes-rows', "update fees set units = 0 where fee_type = 'charge'"],
  ['changes-rows', 'delete from events'],
  ['changes-rows', 'insert into fees_copy select * from fees'],
  ['locks', 'lock table fees'],
  ['locks', 'vacuum full fees'],
  ['locks', 'cluster fees using fees_pkey'],
  ['locks', 'create table events_2027 partition of events for values in (2027)'],
  ['opaque', 'do $$ begin update fees set units = 0; end $$'],
  ['opaque', 'with gone as (delete from fees returning 1) select count(*) from gone'],
  ['opaque', 'create table copy as select * from fees'],
  ['opaque', 'alter table fees set unlogged'],
  ['opaque', 'create trigger watch before insert on fees for each row execute function watched()'],
  ['opaque', 'create or replace function watched() returns int language sql as $$ select 1 $$'],
  ['needs-no-transaction', 'create index concurrently events_code on events (code)'],
  ['needs-no-transaction', 'drop index concurrently if exists events_code'],
];

describe('refused on a table in use', () => {
  test.each(REFUSED)('%s: %s', (rule, sql) => {
    expect(rulesOf(sql)).toEqual([rule]);
  });

  test('truncate, for two reasons', () => {
    expect(rulesOf('truncate events')).toEqual(['changes-rows', 'locks']);
  });

  test.each(REFUSED.filter(([rule]) => rule !== 'needs-no-transaction'))('%s, unless marked: %s', (rule, sql) => {
    expect(rulesOf(`-- allow ${rule}: it has ten rows\n${sql}`)).toEqual([]);
  });

  test('each of several statements', () => {
    expect(rulesOf('comment on table fees is $$x$$; drop table fees; update plans set name = code')).toEqual([
      'drops',
      'changes-rows',
    ]);
    expect(rulesOf(['comment on table fees is $$x$$', 'drop table fees'])).toEqual(['drops']);
    expect(rulesOf('alter table fees add a int not null default 0, drop column b')).toEqual(['drops']);
  });
});

test.each([
  'alter table fees add column tax text',
  "alter table fees add column tax text not null default 'none'",
  'alter table fees add column at timestamptz not null default now()',
  'alter table fees add column doubled bigint generated always as (amount_cents * 2) virtual',
  'alter table fees add constraint positive check (amount_cents >= 0) not valid',
  'alter table fees add constraint fees_tax foreign key (tax_id) references taxes (id) not valid',
  'alter table fees add constraint apart foreign key (tax_id) references taxes (id) deferrable initially deferred not valid',
  'alter table fees validate constraint positive',
  'alter table fees add constraint once unique using index fees_once',
  "alter table fees alter column tax set default 'none'",
  'alter table fees alter column tax drop not null',
  'alter table fees set (autovacuum_vacuum_scale_factor = 0.01)',
  'alter index events_code rename to events_of_code',
  "insert into settings (name) values ('one'), ('two')",
  "create type size as enum ('small', 'large')",
  'create function answer() returns int language sql as $$ select 42 $$',
])('harmless on a table in use: %s', (sql) => {
  expect(rulesOf(sql)).toEqual([]);
});

test('a table that the migration itself makes is free', () => {
  expect(
    rulesOf([
      'create table "taxes" (id uuid not null, code text not null, primary key (id))',
      'alter table "taxes" add constraint taxes_code unique (code)',
      'create index taxes_newest on taxes (id)',
      "insert into taxes select gen_random_uuid(), 'vat'",
      'alter table taxes rename to vat_rates',
    ]),
  ).toEqual([]);
  expect(rulesOf(['create index taxes_newest on taxes (id)', 'create table taxes (id uuid)'])).toEqual([
    'create-index',
  ]);
});

test('a constraint is validated by a later migration than the one that added it', () => {
  const added = 'alter table fees add constraint positive check (amount_cents >= 0) not valid';
  const validated = 'alter table fees validate constraint positive';
  expect(rulesOf([added, validated])).toEqual(['validates-too-early']);
  expect(rulesOf([added, validated], false)).toEqual(['not-repeatable']);
  expect(rulesOf([validated], false)).toEqual([]);
});

describe('a mark', () => {
  test.each([
    ['nothing after it', '-- allow drops\ndrop table fees'],
    ['no reason', '-- allow drops:\ndrop table fees'],
    ['no reason worth the name', '-- allow drops: is ok\ndrop table fees'],
    ['a rule that nothing breaks', '-- allow drops: it has ten rows\nalter table fees add tax text'],
    ['a rule that there is not', '-- allow everything: it has ten rows\nalter table fees add tax text'],
  ])('with %s is a finding', (_what, sql) => {
    expect(rulesOf(sql)).toEqual(['mark']);
  });

  test('for another rule, or for another statement, allows nothing', () => {
    expect(rulesOf('-- allow renames: it has ten rows\ndrop table fees')).toEqual(['drops', 'mark']);
    expect(rulesOf(['-- allow drops: it has ten rows\ndrop table fees', 'drop table plans'])).toEqual(['drops']);
  });

  test('in a text is none', () => {
    expect(rulesOf(`update fees set name = '\n-- allow changes-rows: it has ten rows\n'`)).toEqual(['changes-rows']);
  });
});

describe('outside of a transaction', () => {
  const dropped = 'drop index concurrently if exists events_code';
  const built = 'create index concurrently events_code on events (code)';

  test('an index is built so that a second try begins anew', () => {
    expect(rulesOf([dropped, built], false)).toEqual([]);
    expect(rulesOf([dropped], false)).toEqual([]);
  });

  test.each([
    ['one that was cut off would stay', [built]],
    ['so would it here', [dropped, 'create index concurrently if not exists events_code on events (code)']],
    ['another one is dropped', ['drop index concurrently if exists events_name', built]],
    ['the second try would fail', ['drop index concurrently events_code', built]],
    ['a half-made table would stay', ['create table taxes (id uuid)']],
  ])('%s', (_why, statements) => {
    expect(new Set(rulesOf(statements, false))).toEqual(new Set(['not-repeatable']));
  });
});
