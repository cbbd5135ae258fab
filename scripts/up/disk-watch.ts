import { statfsSync } from 'node:fs';
import type { Announcer } from './announcer.ts';

export interface DiskWatchPlan {
  readonly folder: string;
  readonly announce: Announcer;
  /** There is room again: what could not be written may be tried now. */
  readonly onRoom: () => void;
  /** Default: what the system says. */
  readonly freeBytes?: (folder: string) => number;
  readonly everyMs?: number;
}

const LOOK_EVERY_MS = 1000;
/** PostgreSQL writes ahead in files of this size: with less it may end at any moment. */
const FULL_BELOW_BYTES = 16 * 1024 * 1024;
/** Room counts as room when a little has been made, so that it is not told again and again. */
const ROOM_FROM_BYTES = 2 * FULL_BELOW_BYTES;
const MEGABYTE = 1_000_000;

const FULL_CODES = new Set(['ENOSPC', 'EDQUOT']);
const FULL_TEXT = /No space left on device|Disk quota exceeded|database or disk is full/i;
const CAUSES_MAX = 8;

/** Whether an error, or what a server wrote at its end, says that there is no room. */
export function saysDiskIsFull(error: unknown): boolean {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < CAUSES_MAX;
    current = current.cause, depth++
  ) {
    const { code = '' } = current as { readonly code?: string };
    if (FULL_CODES.has(code) || FULL_TEXT.test(current.message)) return true;
  }
  return false;
}

/** One sentence that says what is full and what to do. */
export const fullDiskSentence = (folder: string): string =>
  `The disk that holds ${folder} is full: make room there, or choose another folder with DURABILL_DATA_DIR.`;

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Whether servers that keep their files in a folder can be started there. */
export const isDiskFull = (folder: string, freeBytes = freeBytesOf): boolean => freeBytes(folder) < FULL_BELOW_BYTES;

/** Tells the person at the terminal when the disk is full, and when there is room again. @returns what ends it. */
export function watchDisk({
  folder,
  announce,
  onRoom,
  freeBytes = freeBytesOf,
  everyMs = LOOK_EVERY_MS,
}: DiskWatchPlan): () => void {
  let full = false;
  const look = (): void => {
    const free = freeBytes(folder);
    if (!full && free < FULL_BELOW_BYTES) {
      full = true;
      announce.warn(
        `The disk that holds ${folder} is full (${(free / MEGABYTE).toFixed(1)} MB are left): ` +
          'requests that write are answered with 503, and billing waits. Make room; it goes on by itself.',
      );
    } else if (full && free >= ROOM_FROM_BYTES) {
      full = false;
      announce.done(`There is room again on the disk that holds ${folder}`);
      onRoom();
    }
  };
  const timer = setInterval(() => {
    try {
      look();
    } catch {
      // A folder that cannot be asked now is asked again.
    }
  }, everyMs);
  return () => clearInterval(timer);
}
