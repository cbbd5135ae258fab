import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entriesOf, withSection } from './changelog.ts';
import { git, gitCan, refuseDirty } from './git.ts';
import { commitAll, writeVersion, type MadeRelease } from './make-release.ts';
import { recordOf, releaseRecords, writeRecord } from './records.ts';
import { compareVersions, lineOf } from './version.ts';

/**
 * Makes a patch of a release that is out: the last commit of its line and the picked ones, on the branch
 * `release/<line>`, in a folder of its own. The checkout gets one commit, which records the patch.
 *
 * @throws Error when a picked commit does not fit there, and when a release of such a version would not follow its
 * line.
 */
export function makePatch(input: {
  readonly repository: string;
  readonly version: string;
  readonly date: string;
  readonly commits: readonly string[];
}): MadeRelease {
  const { repository, version, date } = input;
  refuseDirty(repository);
  const line = lineOf(version);
  const last = releaseRecords(repository).findLast((record) => lineOf(record.version) === line);
  if (!last) throw new Error(`There is no release ${line} that ${version} could be a patch of.`);
  if (compareVersions(version, last.version) <= 0) {
    throw new Error(`${version} does not come after ${last.version}, which is released.`);
  }
  const branch = `release/${line}`;
  if (!gitCan(repository, 'cat-file', '-e', `${last.commit}^{commit}`)) {
    throw new Error(`The commit of ${last.version} is not here: fetch the branch ${branch}.`);
  }
  if (
    gitCan(repository, 'rev-parse', '--verify', '--quiet', `refs/heads/${branch}`) &&
    git(repository, 'rev-parse', branch) !== last.commit
  ) {
    throw new Error(`The branch ${branch} does not end at ${last.version}: only this command may add to it.`);
  }
  const commits = input.commits.map((name) => git(repository, 'rev-parse', '--verify', `${name}^{commit}`));
  const folder = mkdtempSync(join(tmpdir(), 'durabill-release-'));
  const checkout = join(folder, 'checkout');
  const start = git(repository, 'rev-parse', 'HEAD');
  try {
    git(repository, 'worktree', 'add', '--quiet', '--detach', checkout, last.commit);
    const entries = commits.flatMap((commit) => pick(checkout, commit));
    writeVersion(checkout, version);
    addSection(checkout, version, date, entries);
    const commit = commitAll(checkout, `Release ${version}`);
    writeRecord(repository, recordOf(repository, version, date, commit), last);
    addSection(repository, version, date, entries);
    commitAll(repository, `Record release ${version}`);
    git(repository, 'branch', '--force', branch, commit);
    git(repository, 'tag', '--annotate', `v${version}`, '--message', `durabill ${version}`, commit);
    return { commit, branch };
  } catch (error) {
    git(repository, 'reset', '--quiet', '--hard', start);
    git(repository, 'clean', '--quiet', '--force', '-d', 'releases');
    throw error;
  } finally {
    gitCan(repository, 'worktree', 'remove', '--force', checkout);
    rmSync(folder, { recursive: true, force: true });
  }
}

function addSection(folder: string, version: string, date: string, entries: readonly string[]): void {
  const file = join(folder, 'CHANGELOG.md');
  writeFileSync(file, withSection(readFileSync(file, 'utf8'), version, date, entries));
}

/**
 * Picks a commit, all but its lines of the changelog: there the sections differ from line to line, so it would never
 * fit.
 *
 * @returns those lines, or else its subject.
 */
function pick(checkout: string, commit: string): string[] {
  const subject = git(checkout, 'show', '--no-patch', '--format=%s', commit);
  gitCan(checkout, 'cherry-pick', '--no-commit', commit);
  git(checkout, 'checkout', '--quiet', 'HEAD', '--', 'CHANGELOG.md');
  const conflicts = git(checkout, 'diff', '--name-only', '--diff-filter=U');
  if (conflicts !== '') {
    throw new Error(
      `"${subject}" (${commit}) does not fit there, by:\n${conflicts}\nMake it fit on a branch of the release first.`,
    );
  }
  if (gitCan(checkout, 'diff', '--cached', '--quiet'))
    throw new Error(`"${subject}" (${commit}) changes nothing there.`);
  const message = git(checkout, 'show', '--no-patch', '--format=%B', commit);
  const author = git(checkout, 'show', '--no-patch', '--format=%an <%ae>', commit);
  git(
    checkout,
    ...['commit', '--quiet', `--author=${author}`, '--message'],
    `${message}\n\n(cherry picked from commit ${commit})`,
  );
  const added = git(checkout, 'show', '--format=', '--unified=0', commit, '--', 'CHANGELOG.md')
    .split('\n')
    .flatMap((line) => (line.startsWith('+') && !line.startsWith('+++') ? [line.slice(1)] : []));
  const entries = entriesOf(added.join('\n'));
  return entries.length > 0 ? entries : [`- ${subject}`];
}
