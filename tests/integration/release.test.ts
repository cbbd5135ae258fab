// npm run release (scripts/release; S127, S128), on small repositories made here.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { makePatch } from '../../scripts/release/make-patch.ts';
import { makeRelease } from '../../scripts/release/make-release.ts';
import { releaseRecords } from '../../scripts/release/records.ts';
import { versionPlaces } from '../../scripts/release/version-places.ts';
import { runFolder } from '../support/processes/run-folder.ts';

const said = (files: readonly (readonly [file: string, text: string])[]): string[] =>
  files.flatMap(([file, text]) => versionPlaces(file, text).map(({ version }) => `${file}: ${version}`));

/** A repository with what a release is made of, at version 0.1.0. */
function smallRepository(unreleased: string): { root: string; git: (...parameters: string[]) => string } {
  const root = mkdtempSync(join(runFolder(), 'release-'));
  const git = (...parameters: string[]): string =>
    execFileSync('git', parameters, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Test');
  git('config', 'user.email', 'test@example.com');
  const packages = { '': { name: 'durabill', version: '0.1.0' }, 'node_modules/x': { version: '0.1.0' } };
  write(root, {
    'package.json': `${JSON.stringify({ name: 'durabill', version: '0.1.0' }, null, 2)}\n`,
    'package-lock.json': `${JSON.stringify({ name: 'durabill', version: '0.1.0', lockfileVersion: 3, packages }, null, 2)}\n`,
    'docker-compose.yml':
      'services:\n  api:\n    image: durabill:0.1.0\n  # job: { image: durabill:0.1.0 }\n  db:\n    image: postgres:18\n',
    'docs/openapi.json': '{"info": {"title": "durabill", "version": "0.1.0"}}\n',
    'CHANGELOG.md': `# Changelog\n\n## Unreleased\n\n${unreleased}\n## 0.1.0 - 2026-11-27\n\n- It begins.\n`,
    '.nvmrc': '24.21.0\n',
    'db/migrations/Migration1.ts': 'export {};\n',
    'billing/round.ts': 'export const round = 1;\n',
    'billing/count.ts': 'export const count = 1;\n',
  });
  git('add', '.');
  git('commit', '--quiet', '--message', 'begin');
  return { root, git };
}

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

const DATE = '2026-12-01';
const read = (root: string, file: string): string => readFileSync(join(root, file), 'utf8');

describe('a release', () => {
  test('has one version everywhere, a section of the changelog, notes and a record of its commit', () => {
    const { root, git } = smallRepository('- Taxes.\n- Coupons,\n  on two lines.\n');
    const { commit, branch } = makeRelease({ repository: root, version: '0.2.0', date: DATE });
    expect([branch, git('rev-parse', 'v0.2.0^{commit}'), git('rev-parse', 'HEAD~1')]).toEqual(['main', commit, commit]);
    expect(git('status', '--porcelain')).toBe('');
    const files = git('ls-files').split('\n');
    expect(said(files.map((file) => [file, read(root, file)]))).toEqual([
      'docker-compose.yml: 0.2.0',
      'docker-compose.yml: 0.2.0',
      'docs/openapi.json: 0.2.0',
      'package-lock.json: 0.2.0',
      'package-lock.json: 0.2.0',
      'package.json: 0.2.0',
    ]);
    // Another package's version is its own.
    expect(JSON.parse(read(root, 'package-lock.json')).packages['node_modules/x'].version).toBe('0.1.0');
    expect(read(root, 'CHANGELOG.md')).toBe(
      `# Changelog\n\n## Unreleased\n\n## 0.2.0 - ${DATE}\n\n- Taxes.\n- Coupons,\n  on two lines.\n\n## 0.1.0 - 2026-11-27\n\n- It begins.\n`,
    );
    expect(releaseRecords(root)).toEqual([
      {
        version: '0.2.0',
        date: DATE,
        commit,
        node: '24.21.0',
        images: ['durabill:0.2.0', 'postgres:18'],
        migrations: ['Migration1'],
      },
    ]);
    const notes = read(root, 'releases/0.2.0.md');
    for (const fact of [commit, '`durabill:0.2.0`', '- Taxes.', '`Migration1`']) expect(notes).toContain(fact);
    // The release is what its commit has: its own record comes after it.
    expect(git('ls-tree', '-r', '--name-only', commit).split('\n')).not.toContain('releases/0.2.0.json');
  });

  test.each([
    ['0.1.0', /does not come after 0\.1\.0/],
    ['0.0.9', /does not come after 0\.1\.0/],
    ['0.2', /is not a version/],
    ['v0.2.0', /is not a version/],
  ])('%s is refused', (version, reason) => {
    const { root, git } = smallRepository('- Taxes.\n');
    expect(() => makeRelease({ repository: root, version, date: DATE })).toThrow(reason);
    expect([git('status', '--porcelain'), git('rev-list', '--count', 'HEAD'), git('tag')]).toEqual(['', '1', '']);
  });

  test('of nothing is refused', () => {
    const { root } = smallRepository('');
    expect(() => makeRelease({ repository: root, version: '0.2.0', date: DATE })).toThrow(/nothing to release/);
  });

  test('of what is not committed is refused', () => {
    const { root, git } = smallRepository('- Taxes.\n');
    write(root, { 'billing/new.ts': '' });
    expect(() => makeRelease({ repository: root, version: '0.2.0', date: DATE })).toThrow(/billing\/new\.ts/);
    expect(git('rev-list', '--count', 'HEAD')).toBe('1');
  });

  test('that cannot be made leaves everything as it was', () => {
    const { root, git } = smallRepository('- Taxes.\n');
    git('tag', 'v0.2.0');
    expect(() => makeRelease({ repository: root, version: '0.2.0', date: DATE })).toThrow(/v0\.2\.0/);
    expect([git('status', '--porcelain'), git('rev-list', '--count', 'HEAD')]).toEqual(['', '1']);
    expect(existsSync(join(root, 'releases'))).toBe(false);
  });
});

describe('a patch', () => {
  /** 0.2.0, then a feature, a fix, and a fix of that feature. */
  function afterRelease() {
    const { root, git } = smallRepository('- Taxes.\n');
    const { commit: released } = makeRelease({ repository: root, version: '0.2.0', date: DATE });
    const change = (message: string, files: Readonly<Record<string, string>>, entry?: string): string => {
      const changelog = read(root, 'CHANGELOG.md');
      write(root, files);
      if (entry !== undefined) {
        const heading = '## Unreleased\n\n';
        const [before = '', after = ''] = changelog.split(heading);
        write(root, { 'CHANGELOG.md': `${before}${heading}${entry}\n${after.startsWith('## ') ? '\n' : ''}${after}` });
      }
      git('add', '.');
      git('commit', '--quiet', '--message', message);
      return git('rev-parse', 'HEAD');
    };
    change('Wallets', { 'billing/wallets.ts': 'export const wallets = 1;\n' }, '- Wallets.');
    const fix = change('Round half up', { 'billing/round.ts': 'export const round = 2;\n' }, '- Rounding is right.');
    const quiet = change('Count from one', { 'billing/count.ts': 'export const count = 2;\n' });
    const late = change(
      'Wallets are exact',
      { 'billing/wallets.ts': 'export const wallets = 2;\n' },
      '- Exact wallets.',
    );
    return { root, git, released, fix, quiet, late };
  }

  test('has the picked commits and nothing else', () => {
    const { root, git, released, fix, quiet } = afterRelease();
    const head = git('rev-parse', 'HEAD');
    const { commit, branch } = makePatch({ repository: root, version: '0.2.1', date: DATE, commits: [fix, quiet] });
    expect(branch).toBe('release/0.2');
    expect([git('rev-parse', branch), git('rev-parse', 'v0.2.1^{commit}')]).toEqual([commit, commit]);
    expect(git('log', '--reverse', '--format=%s', `${released}..${commit}`).split('\n')).toEqual([
      'Round half up',
      'Count from one',
      'Release 0.2.1',
    ]);
    expect(git('show', `${commit}:billing/round.ts`)).toContain('2');
    expect(git('ls-tree', '-r', '--name-only', commit)).not.toContain('wallets');
    expect(git('show', `${commit}:docker-compose.yml`)).toContain('durabill:0.2.1');
    expect(git('show', `${commit}:CHANGELOG.md`)).toContain(
      `## Unreleased\n\n## 0.2.1 - ${DATE}\n\n- Rounding is right.\n- Count from one\n\n## 0.2.0`,
    );
    // The checkout only learns of it: it goes on towards its own next version.
    expect([git('rev-parse', 'HEAD~1'), git('status', '--porcelain')]).toEqual([head, '']);
    expect(JSON.parse(read(root, 'package.json')).version).toBe('0.2.0');
    expect(releaseRecords(root).map((record) => [record.version, record.commit])).toEqual([
      ['0.2.0', released],
      ['0.2.1', commit],
    ]);
    const changelog = read(root, 'CHANGELOG.md');
    expect(changelog).toContain(`- Wallets.\n\n## 0.2.1 - ${DATE}\n\n- Rounding is right.\n`);
    expect(changelog.match(/Rounding is right/g)).toHaveLength(1);
    expect(git('worktree', 'list').split('\n')).toHaveLength(1);
  });

  test('follows the patch before it', () => {
    const { root, git, fix, quiet } = afterRelease();
    const first = makePatch({ repository: root, version: '0.2.1', date: DATE, commits: [fix] });
    const second = makePatch({ repository: root, version: '0.2.2', date: DATE, commits: [quiet] });
    expect(git('rev-list', '--count', `${first.commit}..${second.commit}`)).toBe('2');
    expect(() => makeRelease({ repository: root, version: '0.2.2', date: DATE })).toThrow(/does not come after/);
    makeRelease({ repository: root, version: '0.3.0', date: DATE });
    expect(releaseRecords(root).map(({ version }) => version)).toEqual(['0.2.0', '0.2.1', '0.2.2', '0.3.0']);
  });

  test('of a commit that does not fit is refused, and leaves everything as it was', () => {
    const { root, git, fix, late } = afterRelease();
    const before = git('for-each-ref');
    expect(() => makePatch({ repository: root, version: '0.2.1', date: DATE, commits: [fix, late] })).toThrow(
      /"Wallets are exact" .* does not fit there, by:\nbilling\/wallets\.ts/,
    );
    expect([git('for-each-ref'), git('status', '--porcelain')]).toEqual([before, '']);
    expect(git('worktree', 'list').split('\n')).toHaveLength(1);
  });

  test.each([
    ['0.2.0', /does not come after 0\.2\.0/],
    ['0.5.1', /no release 0\.5/],
  ])('%s is refused', (version, reason) => {
    const { root, fix } = afterRelease();
    expect(() => makePatch({ repository: root, version, date: DATE, commits: [fix] })).toThrow(reason);
  });
});
