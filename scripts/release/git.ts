import { spawnSync } from 'node:child_process';

/** Runs git and gives back what it writes, without white space around it. @throws Error with what git says. */
export function git(folder: string, ...parameters: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('git', parameters, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`git ${parameters[0]}: ${(stderr || stdout).trim()}`);
  return stdout.trim();
}

/** Whether git does it without an error. */
export const gitCan = (folder: string, ...parameters: readonly string[]): boolean =>
  spawnSync('git', parameters, { cwd: folder, stdio: 'ignore' }).status === 0;

/** @throws Error when anything is changed or not known to git. */
export function refuseDirty(folder: string): void {
  const changed = git(folder, 'status', '--porcelain');
  if (changed !== '') throw new Error(`Commit or put away what is changed first:\n${changed}`);
}
