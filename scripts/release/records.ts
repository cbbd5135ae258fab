import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sectionText } from './changelog.ts';
import { git } from './git.ts';
import { compareVersions } from './version.ts';

/** What a release was, kept in `releases/<version>.json`, since tags do not travel with every copy of a repository. */
export interface ReleaseRecord {
  readonly version: string;
  readonly date: string;
  /** What the release was made of, in full: check it out to build the release again. */
  readonly commit: string;
  readonly node: string;
  /** The images of its docker-compose.yml. */
  readonly images: readonly string[];
  /** All that its database has been through; they never change again. */
  readonly migrations: readonly string[];
}

/** Every release so far, the oldest first. */
export function releaseRecords(repository: string): ReleaseRecord[] {
  const folder = join(repository, 'releases');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as ReleaseRecord)
    .toSorted((one, other) => compareVersions(one.version, other.version));
}

/** Reads what a release is from its commit. */
export function recordOf(repository: string, version: string, date: string, commit: string): ReleaseRecord {
  const read = (file: string): string => git(repository, 'show', `${commit}:${file}`);
  const images = [...read('docker-compose.yml').matchAll(/^\s+image: (\S+)$/gm)].map(([, image = '']) => image);
  return {
    version,
    date,
    commit,
    node: read('.nvmrc'),
    images: [...new Set(images)].toSorted(),
    migrations: git(repository, 'ls-tree', '--name-only', commit, 'db/migrations/')
      .split('\n')
      .flatMap((path) => /\/(\w+)\.ts$/.exec(path)?.[1] ?? []),
  };
}

/** Writes the record and its notes. @returns their paths. */
export function writeRecord(repository: string, record: ReleaseRecord, before: ReleaseRecord | undefined): string[] {
  mkdirSync(join(repository, 'releases'), { recursive: true });
  const files = [`releases/${record.version}.json`, `releases/${record.version}.md`] as const;
  writeFileSync(join(repository, files[0]), `${JSON.stringify(record, null, 2)}\n`);
  writeFileSync(join(repository, files[1]), notes(repository, record, before));
  return [...files];
}

function notes(repository: string, record: ReleaseRecord, before: ReleaseRecord | undefined): string {
  const { version, date, commit, node, images } = record;
  const migrations = record.migrations.filter((name) => !before?.migrations.includes(name));
  const list = (names: readonly string[]): string => names.map((name) => `- \`${name}\``).join('\n');
  return `# durabill ${version}

${date}, commit \`${commit}\`.

To build it: \`git checkout ${commit}\`, then \`docker compose build\`. It runs on Node ${node} and these images:

${list(images)}

${before ? `From ${before.version}, ` : ''}${migrations.length === 0 ? 'no migration' : 'these migrations'}:${
    migrations.length === 0 ? ' the database stays as it is.' : `\n\n${list(migrations)}`
  }

To upgrade: \`docker compose build\`, \`docker compose run --rm migrate\`, \`docker compose up --detach\`.
Processes of the version before go on working on the new tables until they are replaced.

## Changes

${sectionText(git(repository, 'show', `${commit}:CHANGELOG.md`), version)}
`;
}
