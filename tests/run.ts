// npm test: jest, beside it what `npm run check` looks at, a second run of what failed, and the line that CI reads.
//   SEED=…         draws the order of files and tests again that a former run had
//   MEASURE=true   writes tests/measured-seconds.json anew, by which the files are ordered and spread over shards
//   FLAKY=refused  a test that passes on the second run only is a failure, as before a release
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FILE_ITSELF, judge, type FileOutcome, type Outcome } from './support/outcome.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Of how many failed files the second run may tell more than the first: beyond, what is broken is not the tests. */
const AGAIN_MAX = 20;

const SLOWEST = 10;

/** The commands of `npm run check`. */
const CHECKS = (
  JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { check: string } }
).scripts.check
  .split('&&')
  .map((command) => command.trim().replace(/^exec /, ''));

const parameters = process.argv.slice(2);
const seed = process.env['SEED'] ?? String(randomInt(1, 2 ** 31));
const children = new Set<ChildProcess>();
let isInterrupted = false;
// Jest stops its servers on a signal; we only wait for that.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    isInterrupted = true;
    for (const child of children) child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  });
}

function endOf(child: ChildProcess): Promise<number> {
  children.add(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      children.delete(child);
      resolve(code ?? 1);
    });
  });
}

const began = performance.now();
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** @returns what jest's reporter told; undefined when no test was to be run, as with `--listTests`. */
async function runJest(again?: readonly string[]): Promise<{ exitCode: number; outcome: Outcome | undefined }> {
  const folder = mkdtempSync(join(tmpdir(), 'durabill-outcome-'));
  const told = join(folder, 'outcome.json');
  try {
    const jest = spawn(
      process.execPath,
      [
        ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
        ...[join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), ...parameters],
      ],
      {
        stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
        env: {
          ...process.env,
          SEED: seed,
          DURABILL_TEST_OUTCOME: told,
          DURABILL_TEST_AGAIN: again && JSON.stringify(again),
        },
      },
    );
    const exitCode = await endOf(jest);
    const outcome = existsSync(told) ? (JSON.parse(readFileSync(told, 'utf8')) as Outcome) : undefined;
    return { exitCode, outcome };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Each as a test file with one test. */
async function check(): Promise<FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  for (const name of CHECKS) {
    const start = performance.now();
    const [program = '', ...options] = name.split(' ');
    const file = program === 'node' ? [] : [join(ROOT, 'node_modules', '.bin', program)];
    const child = spawn(process.execPath, [...file, ...options], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const isFine = (await endOf(child)) === 0;
    const ms = performance.now() - start;
    console.log(`${isFine ? 'ok  ' : 'FAIL'} npm run check: ${name}  (${seconds(ms)})`);
    if (!isFine) console.log(output);
    outcomes.push({
      file: 'npm run check',
      passed: isFine ? 1 : 0,
      failed: isFine ? [] : [name],
      skipped: 0,
      seconds: ms / 1000,
    });
  }
  return outcomes;
}

/** What to run again: the files in which something failed, unless that is a matter of more than tests. */
function filesToRepeat({ files, errors }: Outcome): readonly string[] {
  const failed = files.filter((outcome) => outcome.failed.length > 0).map(({ file }) => file);
  return isInterrupted || errors.length > 0 || failed.length > AGAIN_MAX ? [] : failed;
}

/** Short files are not worth a line: they would change with every run. */
const MEASURED_FROM_SECONDS = 2;

function writeMeasured(files: readonly FileOutcome[]): void {
  const measured = files
    .filter((outcome) => outcome.seconds >= MEASURED_FROM_SECONDS)
    .toSorted((one, other) => (one.file < other.file ? -1 : 1))
    .map(({ file, seconds: took }) => [file, Math.round(took)] as const);
  writeFileSync(
    join(ROOT, 'tests', 'measured-seconds.json'),
    `${JSON.stringify(Object.fromEntries(measured), null, 2)}\n`,
  );
}

const closingLine = (passed: number, failed: number, skipped: number): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

function listed(title: string, lines: readonly string[]): void {
  if (lines.length > 0) console.log(`\n${title}:\n${lines.map((line) => `  ${line}`).join('\n')}`);
}

/** The list of them from run to run, for whoever mends them. */
function keepFlaky(tests: readonly string[]): void {
  const folder = '.cache';
  mkdirSync(folder, { recursive: true });
  const at = new Date().toISOString();
  for (const test of tests)
    appendFileSync(join(folder, 'flaky-tests.jsonl'), `${JSON.stringify({ at, seed, test })}\n`);
}

async function main(): Promise<number> {
  console.log(`Seed ${seed}: SEED=${seed} draws this order again`);
  // The whole, or the first of its shards: what a person chooses is run alone.
  const isWhole = parameters.every((parameter) => /^--shard=1\/\d+$/.test(parameter));
  const checking = isWhole ? check() : Promise.resolve([]);
  const { exitCode, outcome: found } = await runJest();
  const checked = await checking;
  if (found === undefined && exitCode === 0) return 0;
  const first: Outcome = {
    files: [...(found?.files ?? []), ...checked],
    errors: found?.errors ?? ['(jest itself)'],
  };
  const repeated = filesToRepeat({ files: found?.files ?? [], errors: first.errors });
  if (repeated.length > 0) console.log(`\nOnce more, to tell broken from flaky: ${repeated.length} test files`);
  const again = repeated.length > 0 ? (await runJest(repeated)).outcome : undefined;
  const { passed, skipped, failed: broken, flaky } = judge(first, again);
  // Jest may have reasons of its own, such as a threshold.
  const ownReason = exitCode !== 0 && broken.length + flaky.length === 0 ? ['(jest itself)'] : [];
  const isRefused = process.env['FLAKY'] === 'refused';
  const failed = [...broken, ...ownReason, ...(isRefused ? flaky : [])];

  const slowest = first.files.toSorted((one, other) => other.seconds - one.seconds).slice(0, SLOWEST);
  if (first.files.length > 1) {
    listed(
      'Slowest',
      slowest.map((outcome) => `${outcome.seconds.toFixed(1).padStart(6)} s  ${outcome.file}`),
    );
  }
  listed('Failed', failed);
  listed(
    `Flaky: failed, and passed in another run${isRefused ? '' : ' (a release refuses them: FLAKY=refused)'}`,
    flaky,
  );
  if (flaky.length > 0) keepFlaky(flaky);
  if (process.env['MEASURE'] === 'true') writeMeasured(found?.files ?? []);
  console.log(`\n${seconds(performance.now() - began)} in all, seed ${seed}`);
  const passedOnce = isRefused ? 0 : flaky.filter((name) => !name.endsWith(FILE_ITSELF)).length;
  console.log(closingLine(passed + passedOnce, failed.length, skipped));
  return failed.length > 0 || isInterrupted ? 1 : 0;
}

process.exitCode = await main();
