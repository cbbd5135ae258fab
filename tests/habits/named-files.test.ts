import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { REPOSITORY } from '../support/repository.ts';

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/architecture.md',
  ...readdirSync(join(REPOSITORY, 'docs/architecture')).map((page) => `docs/architecture/${page}`),
  'docs/operations.md',
  'docs/glossary.md',
  'docs/patches.md',
];

/** The folders of the project; `application/json` or `period/{subscription}` name no file. */
const TOP = [
  'billing',
  'db',
  'shapes',
  'telemetry',
  'activities',
  'workflows',
  'api',
  'worker',
  'tests',
  'bench',
  'lint',
  'soak',
  'releases',
  'scripts',
  'docs',
  '.ci',
];

/**
 * The paths that a document names in backticks: `billing/`, `db/acts/lease.ts`. `{a,b}` stands for several, `*` and
 * `<name>` for whatever fits, so they are looked up as far as they are literal.
 */
function pathsNamed(markdown: string): string[] {
  return [...markdown.matchAll(/`([^`\s]+)`/g)]
    .map(([, text = '']) => text)
    .filter((text) => /^[\w.@-]+\/[\w./@*<>{},-]*$/.test(text) && TOP.includes(text.split('/')[0] ?? ''))
    .flatMap(alternatives)
    .map((path) => path.replace(/[^/]*[*<].*$/, ''))
    .filter((path) => path !== '');
}

function alternatives(path: string): string[] {
  const group = /\{([^{}]*)\}/.exec(path);
  if (group?.[1] === undefined) return [path];
  return group[1].split(',').flatMap((choice) => alternatives(path.replace(group[0], choice)));
}

const isThere = (path: string): boolean => existsSync(join(REPOSITORY, path));

test.each(DOCUMENTS)('every file that %s names is there', (document) => {
  const text = readFileSync(join(REPOSITORY, document), 'utf8');
  // A command names a folder, or the beginning of a file's name.
  const tested = [...text.matchAll(/npm test -- (tests\/[\w/-]+)/g)].map(([, path = '']) => path);
  const missing = [
    ...pathsNamed(text).filter((path) => !isThere(path)),
    ...tested.filter((path) => !isThere(path) && !isThere(`${path}.test.ts`)),
  ];
  expect(missing).toEqual([]);
});

test('the map names files', () => {
  expect(pathsNamed(readFileSync(join(REPOSITORY, 'docs/architecture.md'), 'utf8')).length).toBeGreaterThan(20);
});

test('paths are told from other words in backticks', () => {
  const text =
    '`billing/` holds `calculate`, `api/{a,b}/json.ts`, `db/migrations/*.ts`, `POST /invoices`, `text/csv` and `docs/x.md`.';
  expect(pathsNamed(text)).toEqual(['billing/', 'api/a/json.ts', 'api/b/json.ts', 'db/migrations/', 'docs/x.md']);
});
