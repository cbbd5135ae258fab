// Time comes in as a parameter (docs/architecture.md): neither the code of these rooms nor their SQL asks the system
// for it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { filesOfRepository, REPOSITORY } from '../support/repository.ts';

const ROOMS = ['billing', 'db', 'shapes', 'activities'];

/** The embedded server is waited for in real time; nothing else here may ask. */
const ALLOWED = /^db\/embedded/;

const CLOCKS = [
  /\bnew Date\b(?!\s*\()/, // `new Date` without parentheses
  /\bnew Date\(\s*\)/,
  /(?<!new )\bDate\(\s*\)/,
  /\bDate\.now\b/,
  /\bperformance\.now\b/,
  /\bprocess\.(hrtime|uptime)\b/,
  /\bTemporal\.Now\b/,
  // In SQL. What is about real time whatever an organization's clock says, such as a lease, writes clock_timestamp().
  /\b(now|statement_timestamp|transaction_timestamp)\(\s*\)/i,
  /\bcurrent_(timestamp|date|time)\b/i,
];

/** Blanks out comments, keeping lines; strings stay, as SQL is written in them. */
function withoutComments(source: string): string {
  const literalOrComment = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return source.replace(literalOrComment, (text) => (/^\/[/*]/.test(text) ? text.replace(/[^\n]/g, ' ') : text));
}

/** The lines of a source that ask for the system's time. */
function askingLines(source: string): string[] {
  return withoutComments(source)
    .split('\n')
    .filter((line) => CLOCKS.some((clock) => clock.test(line)))
    .map((line) => line.trim());
}

test.each(ROOMS)('nothing in %s/ asks for the time', (room) => {
  const asking = filesOfRepository(room)
    .filter((file) => file.endsWith('.ts') && !ALLOWED.test(file))
    .flatMap((file) => askingLines(readFileSync(join(REPOSITORY, file), 'utf8')).map((line) => `${file}: ${line}`));
  expect(asking).toEqual([]);
});

describe('the check', () => {
  test.each([
    'const now = new Date();',
    'const now = new Date;',
    'const text = Date();',
    'const ms = Date.now() - started;',
    'const ms = performance.now();',
    'const [s] = process.hrtime();',
    'const now = Temporal.Now.instant();',
    'await sql`update acts set due_at = now() where id = ${id}`;',
    "await em.execute('select current_timestamp');",
  ])('finds: %s', (line) => {
    expect(askingLines(line)).toEqual([line]);
  });

  test.each([
    'const at = new Date(dueAt);',
    'function bill(now: Date): Invoice {}',
    '// never new Date() here',
    '/* Date.now() would be\n the system clock */',
    'const url = "https://example.com/now"; // Date.now()',
    'await sql`update acts set leased_until = clock_timestamp() + ${lease}`;',
  ])('leaves alone: %s', (line) => {
    expect(askingLines(line)).toEqual([]);
  });
});
