// No line of the code is longer than what the formatter keeps to, which wraps neither texts nor SQL nor comments.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { unreleasedMigrations } from '../../lint/migrations/unreleased.ts';
import { filesOfRepository, REPOSITORY } from '../support/repository.ts';

const COLUMNS = 120;

const tooLong = (source: string): number[] =>
  source.split('\n').flatMap((line, index) => (line.length > COLUMNS ? [index + 1] : []));

test(`a line has at most ${COLUMNS} columns`, () => {
  const changeable = new Set(unreleasedMigrations(REPOSITORY).map((file) => relative(REPOSITORY, file)));
  const files = filesOfRepository()
    .filter((file) => /\.[cm]?[jt]s$/.test(file) && !file.startsWith('tests/'))
    // A migration that has been released stays as it was.
    .filter((file) => !file.startsWith('db/migrations/') || changeable.has(file));
  expect(files.length).toBeGreaterThan(500);
  expect(
    files.flatMap((file) =>
      tooLong(readFileSync(join(REPOSITORY, file), 'utf8')).map((line) => `${file}:${String(line)}`),
    ),
  ).toEqual([]);
});

test('the check finds a line of one column too many, and none of as many as may be', () => {
  expect(tooLong(['x'.repeat(COLUMNS), 'x'.repeat(COLUMNS + 1), ''].join('\n'))).toEqual([2]);
});
