import { expect, test } from '@jest/globals';
import { readableLine } from '../../../scripts/up/readable-line.ts';

test.each([
  ['Error: as it is', 'Error: as it is'],
  ['{half a line', '{half a line'],
  ['{"level":"info","time":"2026-01-02T03:04:05.678Z","role":"api","port":3000,"msg":"ready"}', '03:04:05 info  ready'],
  [
    '{"level":"warn","time":"2026-01-02T03:04:05.678Z","reason":"No PostgreSQL answers.","msg":"the database does not answer yet"}',
    '03:04:05 warn  the database does not answer yet No PostgreSQL answers.',
  ],
  [
    '{"level":"error","time":"2026-01-02T03:04:05.678Z","err":{"message":"boom","stack":"..."},"msg":"request failed"}',
    '03:04:05 error request failed (boom)',
  ],
])('%s', (line, shown) => {
  expect(readableLine(line)).toBe(shown);
});
