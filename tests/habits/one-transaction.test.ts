// A request with an idempotency key is one transaction (docs/architecture/idempotency.md): what a
// handler does through a fork of its entity manager would be beside it, on a second connection.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { filesOfRepository, REPOSITORY } from '../support/repository.ts';

/** Where the process and its requests begin, and what runs behind their answers. */
const BEGINNINGS = [
  'api/http/app.ts',
  'api/start-api.ts',
  'api/admin/routes.ts',
  // Reads for whoever has a link, and no key.
  'api/data-exports/signed-download.ts',
  'activities/acts/start-behind-answers.ts',
];

/** A fork of an entity manager that leaves its transaction. */
const LEAVING = /(?<!\borm\.em)\s*\.fork\((?!\{[^}]*keepTransactionContext: true)/;

const sourcesOf = (room: string) =>
  filesOfRepository(room)
    .filter((file) => file.endsWith('.ts') && !BEGINNINGS.includes(file))
    .map((file) => ({ file, source: readFileSync(join(REPOSITORY, file), 'utf8') }));

test('no handler leaves the transaction of its request', () => {
  const files = sourcesOf('api');
  expect(files.length).toBeGreaterThan(50);
  const leaving = files.filter(({ source }) => LEAVING.test(source) || /\borm\.em\b|\bscopedTo\(/.test(source));
  expect(leaving.map(({ file }) => file)).toEqual([]);
});

test('nothing that a handler calls leaves it: what forks its entity manager keeps the transaction', () => {
  const leaving = [...sourcesOf('activities'), ...sourcesOf('db'), ...sourcesOf('shapes')].filter(
    ({ file, source }) => file !== 'db/orm.ts' && LEAVING.test(source),
  );
  expect(leaving.map(({ file }) => file)).toEqual([]);
});

test.each([
  ['await em.fork().transactional(work)', true],
  ['await em\n    .fork()\n    .transactional(work)', true],
  ['em.fork({ clear: true })', true],
  ['em.fork({ clear: true, keepTransactionContext: true })', false],
  ['orm.em.fork()', false],
])('the check knows: %s', (source, leaves) => {
  expect(LEAVING.test(source)).toBe(leaves);
});
