// The last line of a run is what CI reads (tests/run.ts, tests/support/reporter.cjs).
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { REPOSITORY } from '../support/repository.ts';
import { runCommand, type CommandResult } from '../support/processes/run-command.ts';
import { runFolder } from '../support/processes/run-folder.ts';

const root = mkdtempSync(join(runFolder(), 'closing-line-'));
afterAll(() => rmSync(root, { recursive: true }));

const support = (file: string): string => join(REPOSITORY, 'tests', 'support', file);

/** A project with these test files, `0.test.js` and so on, and with our reporter, sequencer and environment. */
function project(name: string, files: readonly string[]): string {
  const folder = join(root, name);
  mkdirSync(folder);
  const configuration = {
    reporters: [support('reporter.cjs')],
    testSequencer: support('order.cjs'),
    testEnvironment: support('shuffled-environment.cjs'),
    transform: {},
    maxWorkers: 1,
  };
  writeFileSync(join(folder, 'jest.config.json'), JSON.stringify(configuration));
  for (const [place, content] of files.entries()) writeFileSync(join(folder, `${place}.test.js`), content);
  return folder;
}

const runTests = (
  folder: string,
  parameters: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandResult> =>
  runCommand(
    process.execPath,
    [join(REPOSITORY, 'tests', 'run.ts'), '--config', join(folder, 'jest.config.json'), ...parameters],
    { cwd: folder, timeoutMs: 120_000, environment: { SEED: '1', FLAKY: '', ...environment } },
  );

const lastLine = ({ output }: CommandResult): string | undefined => output.trimEnd().split('\n').at(-1);

/** The lines below a title. */
const below = ({ output }: CommandResult, title: string): string[] => {
  const lines = output.split('\n');
  const start = lines.findLastIndex((line) => line.startsWith(title)) + 1;
  return start === 0 ? [] : lines.slice(start, lines.indexOf('', start)).map((line) => line.trim());
};

const PASSES = "test('passes', () => {});";
const FAILS = "test('fails', () => { throw new Error('the reason'); });";

test('all pass; skipped tests are counted apart', async () => {
  const files = [
    PASSES,
    `${PASSES}\ntest('too', () => {});`,
    `${PASSES}\ntest.skip('later', () => {});\ntest.todo('x');`,
  ];
  const result = await runTests(project('pass', files));
  expect([lastLine(result), result.exitCode]).toEqual(['4 passed, 0 failed, 2 skipped', 0]);
  expect(
    below(result, 'Slowest:')
      .map((line) => line.replace(/^[\d.]+ s +/, ''))
      .toSorted(),
  ).toEqual(['0.test.js', '1.test.js', '2.test.js']);
});

test('a test that ends jest itself is a failure', async () => {
  const result = await runTests(project('exit', [`${PASSES}\nafterAll(() => process.exit(0));`]));
  expect([lastLine(result), result.exitCode]).toEqual(['0 passed, 1 failed', 1]);
});

describe('what fails is run once more', () => {
  /** Leaves a mark at its first run. */
  const atFirst = (what: string) =>
    `const { existsSync, writeFileSync } = require('fs');
     const isFirst = !existsSync(__filename + '.ran');
     writeFileSync(__filename + '.ran', '');
     ${what}`;
  const FLAKY = atFirst("test('flaky', () => { if (isFirst) throw new Error('at first'); });");
  const FLAKY_FILE = atFirst(`if (isFirst) throw new Error('at first');\n${PASSES}`);

  test('what fails again has failed: tests, and files that cannot run; what passes then is named as flaky and kept in a list', async () => {
    const folder = project('fail', [
      PASSES,
      `${FLAKY}\n${PASSES}\n${FAILS}`,
      FLAKY_FILE,
      "throw new Error('no');",
      'test(',
      '',
    ]);
    const result = await runTests(folder);
    expect([lastLine(result), result.exitCode]).toEqual(['4 passed, 4 failed', 1]);
    expect(result.output).toContain('the reason');
    expect(below(result, 'Failed:').toSorted()).toEqual([
      '1.test.js: fails',
      '3.test.js: (the file itself)',
      '4.test.js: (the file itself)',
      '5.test.js: (the file itself)',
    ]);
    const flaky = ['1.test.js: flaky', '2.test.js: (the file itself)'];
    expect(below(result, 'Flaky:').toSorted()).toEqual(flaky);
    const kept = readFileSync(join(folder, '.cache', 'flaky-tests.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(kept.map((line) => (JSON.parse(line) as { test: string }).test).toSorted()).toEqual(flaky);
    // What passed was not run again.
    expect(result.output.match(/ok {3}0\.test\.js/g)).toHaveLength(1);
  });

  test.each([
    ['a warning', '', '1 passed, 0 failed', 0],
    ['a failure before a release', 'refused', '0 passed, 1 failed', 1],
  ])('flaky alone is %s', async (name, refused, line, exitCode) => {
    const result = await runTests(project(name.replaceAll(' ', '-'), [FLAKY]), [], { FLAKY: refused });
    expect([lastLine(result), result.exitCode]).toEqual([line, exitCode]);
    expect(below(result, 'Flaky:')).toEqual(['0.test.js: flaky']);
  });
});

describe('the order', () => {
  const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const told = (head: string) =>
    `${head}\nfor (const name of ${JSON.stringify(NAMES)}) {
       test(name, () => require('fs').appendFileSync(__filename + '.order', name));
       describe('in ' + name, () => test(name, () => require('fs').appendFileSync(__filename + '.order', name.toUpperCase())));
     }`;
  /** The order in which a file's tests were run, which is then forgotten; undefined when it was not run. */
  const orderOf = (folder: string, file: number): string | undefined => {
    const path = join(folder, `${file}.test.js.order`);
    if (!existsSync(path)) return undefined;
    const order = readFileSync(path, 'utf8');
    rmSync(path);
    return order;
  };

  test('is drawn by the seed, which is printed; a marked file keeps its own; each file is in one shard', async () => {
    const folder = project('order', [told(''), told('/** @inOrder a story */'), PASSES]);
    const run = async (seed: string, ...parameters: string[]) => {
      const result = await runTests(folder, parameters, { SEED: seed });
      expect(result.exitCode).toBe(0);
      expect(result.output).toContain(`SEED=${seed} draws this order again`);
      const count = Number(/^(\d+) passed, 0 failed$/.exec(lastLine(result) ?? '')?.[1]);
      return { count, drawn: orderOf(folder, 0), marked: orderOf(folder, 1) };
    };
    const whole = await run('7');
    const written = NAMES.map((name) => name + name.toUpperCase()).join('');
    expect(whole.count).toBe(33);
    expect(whole.marked).toBe(written);
    expect(whole.drawn?.split('').toSorted()).toEqual(written.split('').toSorted());
    expect(whole.drawn).not.toBe(written);

    const shards = [await run('7', '--shard=1/2'), await run('7', '--shard=2/2')];
    expect(shards.map(({ count }) => count).reduce((one, other) => one + other)).toBe(33);
    expect(shards.flatMap(({ drawn }) => drawn ?? [])).toEqual([whole.drawn]);
    expect(shards.flatMap(({ marked }) => marked ?? [])).toEqual([written]);
    expect((await run('8')).drawn).not.toBe(whole.drawn);
  });
});
