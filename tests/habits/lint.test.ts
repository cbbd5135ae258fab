import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runInstalled } from '../support/processes/installed-program.ts';
import { REPOSITORY } from '../support/repository.ts';
import { runFolder } from '../support/processes/run-folder.ts';

/** What each rule is there to find, in the fewest words. */
const FAULTS: readonly (readonly [rule: string, file: string, code: string])[] = [
  [
    'no-floating-promises',
    'db/a.ts',
    'declare function save(): Promise<void>;\nexport function f(): void {\n  save();\n}',
  ],
  ['no-misused-promises', 'db/a.ts', 'export const f = (n: Promise<boolean>): number => (n ? 1 : 2);'],
  ['await-thenable', 'db/a.ts', 'export async function f(n: number): Promise<number> {\n  return await n;\n}'],
  [
    'switch-exhaustiveness-check',
    'db/a.ts',
    "export function f(kind: 'open' | 'paid'): void {\n  switch (kind) {\n    case 'open':\n      throw new Error(kind);\n  }\n}",
  ],
  ['no-unused-vars', 'db/a.ts', 'const forgotten = 1;\nexport const f = 2;'],
  ['eqeqeq', 'db/a.ts', 'export const f = (n: unknown): boolean => n == 1;'],
  ['no-explicit-any', 'db/a.ts', 'export const f = (n: any): string => String(n);'],
  ['no-unsafe-member-access', 'db/a.ts', "export const f = (): unknown => JSON.parse('{}').amount;"],
  ['no-unnecessary-condition', 'db/a.ts', 'export const f = (n: { a: number }): number => n?.a;'],
  ['only-throw-error', 'db/a.ts', "export function f(): never {\n  throw 'text';\n}"],
  [
    'return-await',
    'db/a.ts',
    'declare function save(): Promise<void>;\nexport async function f(): Promise<void> {\n  try {\n    return save();\n  } finally {\n    await save();\n  }\n}',
  ],
  ['scope-is-not-copied', 'activities/a.ts', 'export const f = (scope: object): object => ({ ...scope, more: 1 });'],
  [
    'scope-is-not-copied',
    'api/a.ts',
    'declare function scopeOf(n: number): object;\nexport const f = (): object => ({ ...scopeOf(1), more: 1 });',
  ],
  ['no-console', 'api/a.ts', "console.log('x');"],
  ['expect-expect', 'tests/a.test.ts', "test('nothing', () => undefined);"],
  ['no-focused-tests', 'tests/a.test.ts', "test.only('one', () => {\n  expect(1).toBe(1);\n});"],
];

describe('the rules bite', () => {
  const folder = mkdtempSync(join(runFolder(), 'lint-'));
  let exitCode: number | undefined;
  let found: { code: string; filename: string }[] = [];

  beforeAll(async () => {
    for (const file of ['.oxlintrc.json', 'lint/operations.ts', 'lint/rooms.ts'])
      cpSync(join(REPOSITORY, file), join(folder, file));
    const compilerOptions = {
      strict: true,
      target: 'es2024',
      lib: ['es2024'],
      module: 'nodenext',
      types: [],
      noEmit: true,
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['**/*.ts'] }));
    for (const [rule, file, code] of FAULTS) {
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      writeFileSync(join(folder, fileOf(rule, file)), `${code}\n`);
    }
    const result = await runInstalled('oxlint', ['--type-aware', '--format', 'json'], folder);
    exitCode = result.exitCode;
    found = (JSON.parse(result.output) as { diagnostics: typeof found }).diagnostics;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a finding makes the linter fail', () => {
    expect(exitCode).toBe(1);
  });

  test.each(FAULTS)('%s', (rule, file) => {
    const here = found.filter(({ filename }) => filename === fileOf(rule, file));
    expect(here.map(({ code }) => code.replace(/^.*\((.*)\)$/, '$1'))).toContain(rule);
  });
});

/** Each fault has a file of its own, in the folder to which the rule applies. */
const fileOf = (rule: string, file: string): string => join(dirname(file), `${rule}.${basename(file)}`);
