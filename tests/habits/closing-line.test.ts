// The last line of a run is what CI reads (tests/run.ts, tests/support/reporter.cjs).
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { REPOSITORY } from '../support/repository.ts';
import { runCommand, type CommandResult } from '../support/run-command.ts';
import { runFolder } from '../support/run-folder.ts';

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

test('a failure is shown and counted: of a test, and of a file that cannot run', async () => {
  const files = [PASSES, `${PASSES}\n${FAILS}`, "throw new Error('no');", 'test(', ''];
  const result = await runTests(project('fail', files));
  expect([lastLine(result), result.exitCode]).toEqual(['2 passed, 4 failed', 1]);
  expect(result.output).toContain('the reason');
  expect(below(result, 'Failed:').toSorted()).toEqual([
    '1.test.js: fails',
    '2.test.js: (the file itself)',
    '3.test.js: (the file itself)',
    '4.test.js: (the file itself)',
  ]);
  expect(below(result, 'Flaky:')).toEqual([]);
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

  test('what passes then is named as flaky, and kept in a list; what fails again has failed', async () => {
    const folder = project('flaky', [PASSES, `${FLAKY}\n${PASSES}\n${FAILS}`, FLAKY_FILE]);
    const result = await runTests(folder);
    expect([lastLine(result), result.exitCode]).toEqual(['4 passed, 1 failed', 1]);
    expect(below(result, 'Failed:')).toEqual(['1.test.js: fails']);
    const flaky = ['1.test.js: flaky', '2.test.js: (the file itself)'];
    expect(below(result, 'Flaky:').toSorted()).toEqual(flaky);
    const kept = readFileSync(join(folder, '.cache', 'flaky-tests.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(kept.map((line) => (JSON.parse(line) as { test: string }).test).toSorted()).toEqual(flaky);
    // What passed was not run again.
    expect(result.output.match(/ok {3}0\.test\.js/g)).toHaveLength(1);
  });

  test('flaky alone is a warning, and a failure before a release', async () => {
    const warned = await runTests(project('warned', [FLAKY]));
    expect([lastLine(warned), warned.exitCode]).toEqual(['1 passed, 0 failed', 0]);
    expect(below(warned, 'Flaky:')).toEqual(['0.test.js: flaky']);
    const refused = await runTests(project('refused', [FLAKY]), [], { FLAKY: 'refused' });
    expect([lastLine(refused), refused.exitCode]).toEqual(['0 passed, 1 failed', 1]);
    expect(existsSync(join(root, 'refused', '0.test.js.ran'))).toBe(true);
  });
});

describe('the order', () => {
  const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const told = (body: string) =>
    `${body}\nfor (const name of ${JSON.stringify(NAMES)}) {
       test(name, () => require('fs').appendFileSync(__filename + '.order', name));
       describe('in ' + name, () => test(name, () => require('fs').appendFileSync(__filename + '.order', name.toUpperCase())));
     }`;
  const orderOf = (folder: string, file: string): string => {
    const path = join(folder, `${file}.order`);
    const order = readFileSync(path, 'utf8');
    rmSync(path);
    return order;
  };

  test('is drawn by the seed, which is printed; a file that is marked keeps its own', async () => {
    const folder = project('order', [told(''), told('/** @inOrder a story */')]);
    const orders: string[] = [];
    for (const seed of ['7', '7', '8']) {
      const result = await runTests(folder, [], { SEED: seed });
      expect(result.output).toContain(`SEED=${seed} draws this order again`);
      expect(lastLine(result)).toBe('32 passed, 0 failed');
      orders.push(orderOf(folder, '0.test.js'));
      expect(orderOf(folder, '1.test.js')).toBe(NAMES.map((name) => name + name.toUpperCase()).join(''));
    }
    expect(orders[0]).toBe(orders[1]);
    expect(orders[0]).not.toBe(orders[2]);
    expect(orders[0]?.split('').toSorted()).toEqual([...NAMES, ...NAMES.map((name) => name.toUpperCase())].toSorted());
  });

  test('of shards: each file is in one of them', async () => {
    const folder = project(
      'shards',
      Array.from({ length: 5 }, () => PASSES),
    );
    const results = await Promise.all([1, 2].map((shard) => runTests(folder, [`--shard=${shard}/2`])));
    const files = results.flatMap(({ output }) =>
      [...output.matchAll(/ok {3}(\d\.test\.js)/g)].map(([, file = '']) => file),
    );
    expect(files.toSorted()).toEqual(['0.test.js', '1.test.js', '2.test.js', '3.test.js', '4.test.js']);
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });
});
