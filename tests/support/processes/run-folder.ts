import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { birthOf, killRecorded } from './process-record.ts';

const PREFIX = 'durabill-test-';
const OWNER = 'owner.json';

/**
 * Makes the folder that holds everything a run of the tests leaves on disk. Older runs that were killed are cleared
 * first.
 */
export function makeRunFolder(): string {
  clearKilledRuns();
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  // PostgreSQL runs as a user of its own when we are root: it must be able to reach its data below this folder.
  chmodSync(folder, 0o755);
  // Renamed into place, so that a run which begins at this moment reads all of it or nothing.
  writeFileSync(join(folder, `${OWNER}.new`), JSON.stringify({ pid: process.pid, born: birthOf(process.pid) }));
  renameSync(join(folder, `${OWNER}.new`), join(folder, OWNER));
  return folder;
}

/** The folder of the present run, as the test files know it from the environment. */
export function runFolder(): string {
  const folder = process.env['DURABILL_TEST_RUN'];
  if (folder === undefined) throw new Error('No run of the tests is under way: start the file with jest.');
  return folder;
}

/** Ends what a run has left over and deletes its folder; says which pids had to be killed. */
export function removeRunFolder(folder: string): number[] {
  const killed = killRecorded(folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  return killed;
}

function clearKilledRuns(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    const owner = join(folder, OWNER);
    if (!existsSync(owner)) continue;
    const { pid, born } = JSON.parse(readFileSync(owner, 'utf8')) as { pid: number; born?: string };
    if (birthOf(pid) !== born || born === undefined) removeRunFolder(folder);
  }
}
