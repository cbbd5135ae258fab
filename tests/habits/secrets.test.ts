// Keys and settings of one machine never come into the repository (S126): files that usually hold them are ignored, and
// every file is searched for the forms that keys and tokens have.
import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { runInstalled } from '../support/processes/installed-program.ts';
import { filesOfRepository, REPOSITORY } from '../support/repository.ts';
import type { CommandResult } from '../support/processes/run-command.ts';
import { runFolder } from '../support/processes/run-folder.ts';

const rules = join(REPOSITORY, '.secretlintrc.json');
const search = (files: readonly string[], folder = REPOSITORY) =>
  runInstalled('secretlint', ['--secretlintrc', rules, '--format', 'unix', ...files], folder);

test('no file holds a key or a token', async () => {
  const files = filesOfRepository();
  expect(files.length).toBeGreaterThan(500);
  expect(await search(files)).toEqual({ exitCode: 0, output: '' });
});

// Made here, so that no file of the repository holds even an invented one.
const text = (length: number): string => randomBytes(length).toString('hex').slice(0, length);
const SECRETS: readonly (readonly [what: string, secret: () => string])[] = [
  [
    'a private key',
    () =>
      generateKeyPairSync('rsa', { modulusLength: 2048 })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
  ],
  ['a GitHub token', () => `token: ghp_${text(36)}`],
  ['an npm token', () => `npm_${text(36)}`],
  ['a Slack token', () => ['xoxb', '123456789012', '1234567890123', text(24)].join('-')],
  ['a Stripe key', () => ['sk', 'live', text(99)].join('_')],
  ['an AWS key', () => `AWS_SECRET_ACCESS_KEY = ${text(40)}`],
  ['a database with its password', () => `postgres://billing:${text(12)}@db.example.com:5432/billing`],
];

describe('the search', () => {
  let result: CommandResult;
  const fileOf = (what: string): string => `${what.replaceAll(' ', '-')}.txt`;
  beforeAll(async () => {
    const folder = mkdtempSync(join(runFolder(), 'secrets-'));
    for (const [what, secret] of SECRETS) writeFileSync(join(folder, fileOf(what)), `# settings\n${secret()}\n`);
    result = await search(
      SECRETS.map(([what]) => fileOf(what)),
      folder,
    );
  });

  test('fails', () => {
    expect(result.exitCode).toBe(1);
  });

  test.each(SECRETS)('finds %s', (what) => {
    expect(result.output).toContain(fileOf(what));
  });
});

const LOCAL = [
  '.env',
  '.env.production',
  'api/.env.local',
  'server.pem',
  'certificates/server.key',
  'client.p12',
  'id_ed25519',
  'id_rsa.pub',
  '.idea/workspace.xml',
  '.vscode/settings.json',
  'billing/.cents.ts.swp',
  'billing/cents.ts~',
  '.DS_Store',
  'npm-debug.log',
  '.data/secrets.json',
  'node_modules/x/index.js',
];

/** Which of the paths git would never add, by our list alone. */
function ignored(paths: readonly string[]): string[] {
  const folder = mkdtempSync(join(runFolder(), 'ignored-'));
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  copyFileSync(join(REPOSITORY, '.gitignore'), join(folder, '.gitignore'));
  const input = `${paths.join('\n')}\n`;
  const options = ['-c', 'core.excludesFile=/dev/null', 'check-ignore', '--stdin', '--verbose', '--non-matching'];
  const { status, stdout, stderr } = spawnSync('git', options, { cwd: folder, input, encoding: 'utf8' });
  // 1: none is ignored.
  if (status !== 0 && status !== 1) throw new Error(stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .flatMap((line) => (line.startsWith('::') ? [] : [line.split('\t')[1] ?? '']));
}

test('files that usually hold keys, or settings of an editor, are ignored', () => {
  expect(ignored(LOCAL)).toEqual(LOCAL);
});

test('none of our own files is', () => {
  expect(ignored(filesOfRepository())).toEqual([]);
});
