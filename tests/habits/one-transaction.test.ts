// A request with an idempotency key is one transaction (docs/architecture.md, The Idempotency-Key header): what a handler does
// through a fork of its entity manager would be beside it, on a second connection.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { filesOfRepository, REPOSITORY } from '../support/repository.ts';

/** Where requests begin, and what runs behind their answers. */
const BEGINNINGS = ['api/app.ts', 'api/admin/routes.ts', 'api/start-behind-answers.ts'];

test('no handler forks its entity manager', () => {
  const files = filesOfRepository('api').filter((file) => file.endsWith('.ts') && !BEGINNINGS.includes(file));
  const forking = files.filter((file) => /\.fork\(|\bscopedTo\(/.test(readFileSync(join(REPOSITORY, file), 'utf8')));
  expect(files.length).toBeGreaterThan(50);
  expect(forking).toEqual([]);
});
