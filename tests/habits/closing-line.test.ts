// The last line of a run is what CI reads (tests/support/reporter.cjs).
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { runInstalled } from '../support/installed-program.ts';
import { REPOSITORY } from '../support/repository.ts';
import { runFolder } from '../support/run-folder.ts';
import type { CommandResult } from '../support/run-command.ts';

const root = mkdtempSync(join(runFolder(), 'closing-line-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Runs jest with our reporter on test files with this content. */
function runTests(name: string, files: readonly string[]): Promise<CommandResult> {
  const folder = join(root, name);
  mkdirSync(folder);
  const reporters = [join(REPOSITORY, 'tests', 'support', 'reporter.cjs')];
  writeFileSync(join(folder, 'jest.config.json'), JSON.stringify({ reporters, transform: {} }));
  for (const [place, content] of files.entries()) writeFileSync(join(folder, `${place}.test.js`), content);
  return runInstalled('jest', ['--config', join(folder, 'jest.config.json')], folder);
}

const lastLine = ({ output }: CommandResult): string | undefined => output.trimEnd().split('\n').at(-1);

const PASSES = "test('passes', () => {});";
const FAILS = "test('fails', () => { throw new Error('the reason'); });";

test('all pass', async () => {
  const result = await runTests('pass', [PASSES, `${PASSES}\ntest('too', () => {});`]);
  expect([lastLine(result), result.exitCode]).toEqual(['3 passed, 0 failed', 0]);
});

test('skipped tests are counted apart', async () => {
  const result = await runTests('skip', [`${PASSES}\ntest.skip('later', () => {});\ntest.todo('some day');`]);
  expect([lastLine(result), result.exitCode]).toEqual(['1 passed, 0 failed, 2 skipped', 0]);
});

test('a failure is shown and counted', async () => {
  const result = await runTests('fail', [PASSES, `${PASSES}\n${FAILS}`]);
  expect([lastLine(result), result.exitCode]).toEqual(['2 passed, 1 failed', 1]);
  expect(result.output).toContain('the reason');
  expect(result.output).toContain('1.test.js: fails');
});

test.each([
  ['throws before its tests', "throw new Error('no');"],
  ['is not JavaScript', 'test('],
  ['has no tests', ''],
])('a file that %s is a failure', async (name, content) => {
  const result = await runTests(name.replaceAll(' ', '-'), [PASSES, content]);
  expect([lastLine(result), result.exitCode]).toEqual(['1 passed, 1 failed', 1]);
});

test('a test that ends jest itself is a failure', async () => {
  const result = await runTests('exit', [`${PASSES}\nafterAll(() => process.exit(0));`]);
  expect([lastLine(result), result.exitCode]).toEqual(['0 passed, 1 failed', 1]);
});
