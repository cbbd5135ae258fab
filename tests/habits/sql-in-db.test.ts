// Only db/ knows SQL, and every way to Kysely begins with the organization (docs/architecture/lists.md).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { filesOfRepository, REPOSITORY } from '../support/repository.ts';

const ROOMS = ['billing', 'telemetry', 'shapes', 'activities', 'workflows', 'api', 'worker', 'scripts'];

/** The two places that ask the ORM for Kysely: typed statements, and SQL text. */
const WAYS_TO_KYSELY = ['db/kysely.ts', 'db/sql.ts'];

const COMMENTS = /\/\*.*?\*\/|(?<!:)\/\/[^\n]*/gs;

const STATEMENT =
  /\bsql(?:<[^;()]*>)?\(|\bsql`|["'`]\s*(?:select\b[^"'`]*\bfrom\s|select (?:\d|\w+\()|with \w+ as (?:materialized )?\(|insert into \w|update \w+ set\s|delete from \w)/;

const KYSELY = /from 'kysely'|\bgetKysely\b/;

/** A statement inside of a statement that begins without the organization. */
const UNSCOPED = /\b(?:eb|of|database)\s*\.(?:selectFrom|updateTable|deleteFrom|insertInto)\(/;

const codeOf = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8').replaceAll(COMMENTS, ' ');

const filesOf = (room: string): string[] => filesOfRepository(room).filter((file) => /\.[jt]s$/.test(file));

const filesWith = (files: readonly string[], form: RegExp): string[] => files.filter((file) => form.test(codeOf(file)));

test('no room but db/ holds SQL', () => {
  const files = ROOMS.flatMap(filesOf);
  expect(files.length).toBeGreaterThan(300);
  expect(filesWith(files, STATEMENT)).toEqual([]);
});

test('no room but db/ knows Kysely', () => {
  expect(filesWith(ROOMS.flatMap(filesOf), KYSELY)).toEqual([]);
});

test('in db/, two places ask the ORM for Kysely, and lists select from nothing but the rows of the organization', () => {
  expect(filesWith(filesOf('db'), /\bgetKysely\b/)).toEqual(WAYS_TO_KYSELY);
  expect(filesWith(filesOf('db/lists'), UNSCOPED)).toEqual([]);
});

test.each([
  ['await sql(em, text, [id]);', STATEMENT, true],
  ['await sql<{ id: string }>(em, text)', STATEMENT, true],
  ["em.execute('select 1')", STATEMENT, true],
  ['query(`\n  select id\n  from invoices`)', STATEMENT, true],
  ["query('insert into acts (id) values ($1)')", STATEMENT, true],
  ["query('update invoices set number = $1')", STATEMENT, true],
  ["query('delete from webhooks where id = $1')", STATEMENT, true],
  ['query(`with page as (${text}) ${rest}`)', STATEMENT, true],
  ["summary: 'Select a plan from the catalogue'", STATEMENT, false],
  ["import { sql } from 'kysely';", KYSELY, true],
  ['em.getKysely()', KYSELY, true],
  ["eb.selectFrom('customers')", UNSCOPED, true],
  ["selectFrom('customers')", UNSCOPED, false],
])('the check knows: %s', (source, form, bites) => {
  expect(form.test(source)).toBe(bites);
});
