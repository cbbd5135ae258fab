import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withUnreleasedAs } from './changelog.ts';
import { git, refuseDirty } from './git.ts';
import { recordOf, releaseRecords, writeRecord } from './records.ts';
import { versionPlaces, withVersion } from './version-places.ts';
import { compareVersions, parseVersion } from './version.ts';

export interface MadeRelease {
  readonly commit: string;
  readonly branch: string;
}

/**
 * Releases what the checkout has: one commit that is the release, and one behind it that says so in `releases/`,
 * since a commit cannot name itself.
 *
 * @throws Error when there is nothing to release, when something is not committed, or when the version does not follow.
 */
export function makeRelease(input: {
  readonly repository: string;
  readonly version: string;
  readonly date: string;
}): MadeRelease {
  const { repository, version, date } = input;
  parseVersion(version);
  refuseDirty(repository);
  const records = releaseRecords(repository);
  const { version: current } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    version: string;
  };
  for (const earlier of [current, ...records.map((record) => record.version)]) {
    if (compareVersions(version, earlier) <= 0)
      throw new Error(`${version} does not come after ${earlier}, which is released.`);
  }
  const changelog = withUnreleasedAs(readFileSync(join(repository, 'CHANGELOG.md'), 'utf8'), version, date);
  const start = git(repository, 'rev-parse', 'HEAD');
  try {
    writeVersion(repository, version);
    writeFileSync(join(repository, 'CHANGELOG.md'), changelog);
    const commit = commitAll(repository, `Release ${version}`);
    writeRecord(repository, recordOf(repository, version, date, commit), records.at(-1));
    commitAll(repository, `Record release ${version}`);
    git(repository, 'tag', '--annotate', `v${version}`, '--message', `durabill ${version}`, commit);
    return { commit, branch: git(repository, 'rev-parse', '--abbrev-ref', 'HEAD') };
  } catch (error) {
    git(repository, 'reset', '--quiet', '--hard', start);
    git(repository, 'clean', '--quiet', '--force', '-d', 'releases');
    throw error;
  }
}

/** Writes the version at each place of each file that git knows. */
export function writeVersion(repository: string, version: string): void {
  for (const file of git(repository, 'ls-files').split('\n')) {
    const path = join(repository, file);
    const text = readFileSync(path, 'utf8');
    if (versionPlaces(file, text).length > 0) writeFileSync(path, withVersion(file, text, version));
  }
}

/** Commits whatever has changed. @returns the commit. */
export function commitAll(repository: string, message: string): string {
  git(repository, 'add', '--all');
  git(repository, 'commit', '--quiet', '--message', message);
  return git(repository, 'rev-parse', 'HEAD');
}
