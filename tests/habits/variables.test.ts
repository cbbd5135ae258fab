// Every variable is read from one page, worker/process/variables.ts, which checks its value at the start and is
// compared with the documents.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { variableNames } from '../../worker/process/variables.ts';
import { filesOfRepository, REPOSITORY } from '../support/repository.ts';

const ROOMS = ['billing', 'telemetry', 'db', 'shapes', 'activities', 'workflows', 'api', 'worker', 'scripts'];
const PAGE = 'worker/process/variables.ts';

/** Who may hold the environment as a whole: where a process begins, and where another program is started with it. */
const HOLDERS = [
  'api/main.ts',
  'worker/main.ts',
  'worker/start-worker.ts',
  'scripts/up/supervise.ts',
  'scripts/up/embedded-temporal.ts',
  'scripts/up/find-temporal-binary.ts',
  'scripts/up/embedded-postgres.ts',
  'scripts/up/run-program.ts',
  'scripts/audit.ts',
  'scripts/migrate.ts',
  // Runs before anything is installed.
  'scripts/install.js',
];

/** Not of durabill: the system's, npm's, and where the fault tests kill a process. */
const OTHERS = new Set(['PATH', 'HOME', 'XDG_CACHE_HOME', 'DURABILL_FAULTS']);

const NAME = '[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*';
const READS = [
  new RegExp(`\\b(?:env|environment)\\??\\.?\\[['"\`](${NAME})['"\`]\\]`, 'g'),
  new RegExp(`\\b(?:env|environment)\\??\\.(${NAME})\\b`, 'g'),
];
/** A name that is put together or looked up otherwise is still written somewhere. */
const NAMED = /['"`]((?:DURABILL|LAGO|TEMPORAL|OTEL|DATABASE|VIES)_[A-Z0-9_]+)['"`]/g;

const withoutComments = (source: string): string => source.replace(/^\s*(\/?\*|\/\/).*$/gm, '');

const namesIn = (source: string): string[] =>
  [...READS, NAMED].flatMap((pattern) => [...source.matchAll(pattern)].map(([, name = '']) => name));

const sources = ROOMS.flatMap((room) => filesOfRepository(room))
  .filter((file) => /\.(ts|js)$/.test(file))
  .map((file) => ({ file, source: withoutComments(readFileSync(join(REPOSITORY, file), 'utf8')) }));

/** Temporal's own, which its own library reads; what we name of them is only set for others. */
const isTemporals = (name: string): boolean => name.startsWith('TEMPORAL_');

test('every variable that the code names is on the page', () => {
  const page = new Set<string>(variableNames);
  const unknown = sources.flatMap(({ file, source }) =>
    namesIn(source)
      .filter((name) => !page.has(name) && !OTHERS.has(name) && !isTemporals(name))
      .map((name) => `${file}: ${name}`),
  );
  expect(unknown).toEqual([]);
});

test('every variable of the page is read by somebody', () => {
  const elsewhere = sources
    .filter(({ file }) => file !== PAGE)
    .map(({ source }) => source)
    .join('\n');
  const unread = variableNames.filter((name) => !new RegExp(`\\b${name}\\b`).test(elsewhere));
  expect(unread).toEqual([]);
});

test('the environment as a whole is held where processes begin, and nowhere else', () => {
  const holding = sources.filter(({ source }) => /\bprocess\.env\b/.test(source)).map(({ file }) => file);
  expect(holding.toSorted()).toEqual(HOLDERS.toSorted());
});

test.each([
  [`const x = environment['DURABILL_NEW'];`, ['DURABILL_NEW']],
  [`process.env.NEW_ONE`, ['NEW_ONE']],
  ['process.env[`NEW_ONE`]', ['NEW_ONE']],
  [`['LAGO_OLD_NAME'].find((name) => environment[name])`, ['LAGO_OLD_NAME']],
  [`const { environment } = options; environment.length`, []],
])('the check knows: %s', (source, names) => {
  expect([...new Set(namesIn(source))]).toEqual(names);
});
