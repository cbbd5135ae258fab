// In api/ nothing writes: a request becomes a command in activities/ (docs/architecture.md). What it calls of an entity
// manager is checked by the linter (lint/rooms.ts), what it may import by .dependency-cruiser.cjs; here, that what it
// reads through only reads.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runInstalled } from '../support/processes/installed-program.ts';
import { filesOfRepository, REPOSITORY } from '../support/repository.ts';
import { runFolder } from '../support/processes/run-folder.ts';

/** Imports of values from db/: types do nothing. */
const OF_DB = /^import (?!type )[^;]*? from '((?:\.\.\/)+db\/[^']+)';/gm;

/** SQL that changes rows, and what MikroORM does it by. */
const WRITING =
  /\b(insert into|update \w+( as \w+| \w+)? set|delete from|merge into)\b|\.(nativeUpdate|nativeDelete|persist|flush|upsert|assign|remove|create)\(/i;

const readInApi = (file: string, source: string): string[] =>
  [...source.matchAll(OF_DB)].map(([, path]) => join(dirname(file), path!));

test('what api/ imports of db/ only reads', () => {
  const files = filesOfRepository('api').filter((file) => file.endsWith('.ts'));
  const imported = new Set(files.flatMap((file) => readInApi(file, readFileSync(join(REPOSITORY, file), 'utf8'))));
  expect(imported.size).toBeGreaterThan(20);
  const writing = [...imported].filter(
    (file) => !file.startsWith('db/entities/') && WRITING.test(readFileSync(join(REPOSITORY, file), 'utf8')),
  );
  expect(writing).toEqual([]);
});

test.each([
  [`await sql(em, 'update organizations set a = 1')`, true],
  ['await em.nativeUpdate(ApiKey, { id }, { lastUsedAt })', true],
  [`await sql(em, 'delete from acts where id = $1', [id])`, true],
  [`await sql(em, 'select 1 from updates')`, false],
])('the check knows: %s', (source, writes) => {
  expect(WRITING.test(source)).toBe(writes);
});

test('it sees the imports of values alone', () => {
  const source = `import { a } from '../../db/a.ts';\nimport type { B } from '../../db/b.ts';\nimport { c } from './db/c.ts';\n`;
  expect(readInApi('api/plans/routes.ts', source)).toEqual(['db/a.ts']);
});

test('answers are shaped in shapes/', () => {
  expect(filesOfRepository('api').filter((file) => file.endsWith('/json.ts'))).toEqual([]);
});

/** What a handler might do, and whether it writes. */
const CALLS: readonly (readonly [code: string, writes: boolean])[] = [
  ['em.create(Plan, values)', true],
  ['em.assign(plan, values)', true],
  ['transaction.persist(plan)', true],
  ['context.em.remove(plan)', true],
  ['em.flush()', true],
  ['em.nativeUpdate(Plan, where, values)', true],
  ['em.nativeDelete(Plan, where)', true],
  ['em.upsert(Plan, values)', true],
  [`em.getKysely().insertInto('plans')`, true],
  [`kysely.updateTable('plans').set(values)`, true],
  [`sql(em, 'select 1')`, true],
  ['em.find(Plan, where)', false],
  ['Object.assign(plan, values)', false],
  ['gauge.remove()', false],
];

describe('the rule of the linter bites', () => {
  const folder = mkdtempSync(join(runFolder(), 'api-writes-'));
  let found: string[] = [];

  beforeAll(async () => {
    for (const file of ['.oxlintrc.json', 'lint/operations.ts', 'lint/rooms.ts']) {
      cpSync(join(REPOSITORY, file), join(folder, file));
    }
    const compilerOptions = { target: 'es2024', module: 'nodenext', types: [], noEmit: true };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['**/*.ts'] }));
    for (const room of ['api', 'activities']) mkdirSync(join(folder, room));
    for (const [index, [code]] of CALLS.entries()) {
      for (const room of ['api', 'activities'])
        writeFileSync(join(folder, room, `${index}.ts`), `export const f = () => ${code};\n`);
    }
    const { output } = await runInstalled('oxlint', ['--type-aware', '--format', 'json'], folder);
    const { diagnostics } = JSON.parse(output) as { diagnostics: readonly { code: string; filename: string }[] };
    found = diagnostics.filter(({ code }) => code.includes('writes-nothing')).map(({ filename }) => filename);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(CALLS.map(([code, writes], index) => [code, writes, index] as const))('%s: %s', (_code, writes, index) => {
    expect(found.includes(`api/${index}.ts`)).toBe(writes);
  });

  test('commands write', () => {
    expect(found.filter((file) => file.startsWith('activities/'))).toEqual([]);
  });
});
