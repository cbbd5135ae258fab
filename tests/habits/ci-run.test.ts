// .ci/run: the tests pass and leave the checkout as it was, or the run fails (S126).
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { REPOSITORY } from '../support/repository.ts';
import { runCommand } from '../support/processes/run-command.ts';
import { runFolder } from '../support/processes/run-folder.ts';

/** Runs .ci/run in a checkout of its own, where `npm test` is this script. */
async function ciRun(npmTest: string): Promise<{ exitCode: number | undefined; output: string }> {
  const folder = mkdtempSync(join(runFolder(), 'ci-run-'));
  const [checkout, programs] = [join(folder, 'checkout'), join(folder, 'bin')];
  mkdirSync(programs);
  cpSync(join(REPOSITORY, '.ci', 'run'), join(checkout, '.ci', 'run'));
  cpSync(join(REPOSITORY, '.gitignore'), join(checkout, '.gitignore'));
  writeFileSync(join(programs, 'npm'), `#!/bin/sh\n${npmTest}\n`);
  chmodSync(join(programs, 'npm'), 0o755);
  const git = (...parameters: string[]) => execFileSync('git', parameters, { cwd: checkout, stdio: 'pipe' });
  git('init', '--quiet');
  git('add', '.');
  git('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--message', 'begin');
  const environment = { PATH: `${programs}${delimiter}${process.env['PATH']}` };
  return runCommand(join(checkout, '.ci', 'run'), [], { cwd: folder, timeoutMs: 60_000, environment });
}

const CLOSING_LINE = '3 passed, 0 failed';

test('it ends with the closing line of the tests', async () => {
  const script = `mkdir .cache node_modules && touch .cache/x node_modules/y && echo '${CLOSING_LINE}'`;
  expect(await ciRun(script)).toEqual({ exitCode: 0, output: `${CLOSING_LINE}\n` });
});

test('it fails as the tests fail', async () => {
  expect(await ciRun(`echo '2 passed, 1 failed'; exit 1`)).toEqual({ exitCode: 1, output: '2 passed, 1 failed\n' });
});

test.each([
  ['a new file', 'echo x > left-over.txt', '?? left-over.txt'],
  ['a changed one', 'echo x >> .gitignore', ' M .gitignore'],
])('it fails where the tests leave %s behind', async (_what, script, change) => {
  const { exitCode, output } = await ciRun(`${script}; echo '${CLOSING_LINE}'`);
  expect(exitCode).toBe(1);
  expect(output.split('\n')).toContain(change);
});
