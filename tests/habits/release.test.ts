// What is said of releases: one version everywhere (S127), and of each former one its commit.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { releaseRecords } from '../../scripts/release/records.ts';
import { compareVersions } from '../../scripts/release/version.ts';
import { maySayVersion, versionPlaces } from '../../scripts/release/version-places.ts';
import { filesOfRepository, REPOSITORY } from '../support/repository.ts';

const manifest = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };
const said = (files: readonly (readonly [file: string, text: string])[]): string[] =>
  files.flatMap(([file, text]) => versionPlaces(file, text).map(({ version }) => `${file}: ${version}`));

describe('one version', () => {
  const files = filesOfRepository()
    .filter(maySayVersion)
    .map((file) => [file, readFileSync(join(REPOSITORY, file), 'utf8')] as const);

  test('is said by every place', () => {
    const places = said(files);
    expect(places.filter((place) => !place.endsWith(`: ${manifest.version}`))).toEqual([]);
    for (const [file, times] of [
      ['package.json', 1],
      ['package-lock.json', 2],
      ['docker-compose.yml', 1],
    ] as const) {
      expect([file, places.filter((place) => place.startsWith(`${file}:`)).length]).toEqual([file, times]);
    }
  });

  test.each([
    ['docker-compose.yml', 'services:\n  # worker-eu: { image: durabill:0.0.9 }\n'],
    ['docker-compose.yml', '  image: durabill-portal:0.0.9\n'],
    ['docs/operations.md', 'docker run durabill:0.0.9 node scripts/migrate.ts'],
    ['package.json', '{\n  "name": "durabill",\n  "version": "0.0.9"\n}'],
    ['package-lock.json', '{\n  "packages": {\n    "": {\n      "name": "durabill",\n      "version": "0.0.9",\n'],
    ['docs/openapi.json', '{"openapi":"3.1.0","info":{"title":"durabill","version":"0.0.9"}}'],
    ['openapi.yaml', 'openapi: 3.1.0\ninfo:\n  title: durabill\n  version: 0.0.9\n'],
  ])('one that a hand has changed in %s is found: %s', (file, text) => {
    expect(said([[file, text]])).toEqual([`${file}: 0.0.9`]);
  });
});

describe('the releases so far', () => {
  const records = releaseRecords(REPOSITORY);
  const git = (...parameters: string[]): string | undefined => {
    try {
      return execFileSync('git', parameters, {
        cwd: REPOSITORY,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch {
      return undefined;
    }
  };

  test('name their commits', () => {
    expect(records.length).toBeGreaterThan(0);
    for (const { commit } of records) expect(commit).toMatch(/^[0-9a-f]{40}$/);
  });

  test('which are of their versions, as far as they are in this copy', () => {
    const here = records.flatMap(({ version, commit }) => {
      const text = git('show', `${commit}:package.json`);
      return text === undefined ? [] : [[version, (JSON.parse(text) as { version: string }).version]];
    });
    expect(here.map(([, version]) => version)).toEqual(here.map(([version]) => version));
  });

  test('brought migrations that are all here', () => {
    const here = readdirSync(join(REPOSITORY, 'db/migrations')).map((file) => file.replace(/\.ts$/, ''));
    for (const { migrations } of records) expect(here).toEqual(expect.arrayContaining([...migrations]));
  });

  test('come before what is made now, or are it', () => {
    const later = records.filter(({ version }) => compareVersions(version, manifest.version) > 0);
    // Patches of a line that is out have no part in what is made now.
    expect(later.filter(({ version }) => version.endsWith('.0'))).toEqual([]);
  });
});
