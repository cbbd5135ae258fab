import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-status.ts';
import { recall } from './remembered.ts';
import { saysDiskIsFull } from './disk-watch.ts';

/** The folder that holds everything a durabill keeps outside an external database; one supervisor at a time owns it. */
export interface DataFolder {
  readonly path: string;
  /** Nothing was in it before. */
  readonly isNew: boolean;
  readonly logs: string;
  file(name: string): string;
  /** Lets the next start in. */
  release(): void;
}

const LOCK_ATTEMPTS_MAX = 20;

/**
 * Makes the folder if it is absent and takes its lock, which a killed owner cannot keep.
 *
 * @throws Error with one sentence that says what to do.
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const isNew = makeFolder(path);
  const lock = join(path, 'lock');
  await takeLock(lock, path);
  const logs = join(path, 'logs');
  mkdirSync(logs, { recursive: true });
  return { path, isNew, logs, file: (name) => join(path, name), release: () => rmSync(lock, { force: true }) };
}

function makeFolder(path: string): boolean {
  const another = 'choose another folder with DURABILL_DATA_DIR';
  if (existsSync(path) && !statSync(path).isDirectory()) throw new Error(`${path} is a file: ${another}.`);
  try {
    if (!existsSync(path)) {
      mkdirSync(path, { recursive: true });
      // Not private: started by root, PostgreSQL runs as another user. What is secret is private by itself.
      chmodSync(path, 0o755);
    }
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return readdirSync(path).length === 0;
  } catch (error) {
    if (saysDiskIsFull(error)) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Error(
      `The data folder ${path} cannot be written by this user (${code}): start as its owner, or ${another}.`,
      {
        cause: error,
      },
    );
  }
}

async function takeLock(lock: string, path: string): Promise<void> {
  const us = JSON.stringify(identifyProcess(process.pid));
  for (let attempt = 0; attempt < LOCK_ATTEMPTS_MAX; attempt += 1) {
    try {
      writeFileSync(lock, us, { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        // Made, but without room for what is in it.
        rmSync(lock, { force: true });
        throw error;
      }
    }
    const owner = ownerOf(lock);
    if (owner && isRunning(owner)) {
      throw new Error(
        `durabill is already running with the data folder ${path} (process ${owner.pid}): stop it first, or choose ` +
          'another folder and port with DURABILL_DATA_DIR and PORT.',
      );
    }
    // Without an owner it may be just being written.
    if (owner || attempt > 0) removeStale(lock, owner);
    await wait(50);
  }
  throw new Error(`The lock ${lock} could not be taken: delete it if no durabill is running.`);
}

function ownerOf(lock: string): ProcessIdentity | undefined {
  const { pid, startedAt } = recall(lock);
  return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : undefined;
}

/**
 * Renamed first: of two starts that find the same stale lock, the slower one must not remove the quicker one's new
 * lock.
 */
function removeStale(lock: string, stale: ProcessIdentity | undefined): void {
  const aside = `${lock}.${process.pid}.stale`;
  try {
    renameSync(lock, aside);
    const moved = ownerOf(aside);
    if (moved && moved.startedAt !== stale?.startedAt) writeFileSync(lock, readFileSync(aside), { flag: 'wx' });
  } catch {
    // Another start was quicker; the next look decides.
  }
  rmSync(aside, { force: true });
}
