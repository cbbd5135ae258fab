import type { ProcessIdentity } from './process-status.ts';
import { recall, remember } from './remembered.ts';

/**
 * How far the very first start has come. `undecided`: the database has not been looked at. `wanted`: it was empty, so
 * the sample story may be billed. `done`: it was, or something else was in the database.
 */
export type FirstRun = 'undecided' | 'wanted' | 'done';

/** What a supervisor leaves for the next one on the same data folder. */
export interface RunState {
  readonly firstRun: FirstRun;
  /** Where the API listened last. */
  readonly port: number | undefined;
  /** The API and the worker, which may still be ending when their supervisor was killed. */
  readonly children: readonly ProcessIdentity[];
}

export interface RunStateFile {
  readonly now: RunState;
  /** What cannot be written is kept for the next call: a full disk must not end what runs. */
  change(changes: Partial<RunState>): void;
}

/** @throws what the file system says when not even the first state can be written. */
export function openRunState(file: string, isNew: boolean): RunStateFile {
  let now = read(file, isNew);
  // Written before anything else happens: the folder is empty only once.
  remember(file, { ...now });
  const change = (changes: Partial<RunState>) => {
    now = { ...now, ...changes };
    try {
      remember(file, { ...now });
    } catch {
      // The supervisor calls again when there is room.
    }
  };
  return {
    get now() {
      return now;
    },
    change,
  };
}

function read(file: string, isNew: boolean): RunState {
  const { firstRun, port, children } = recall(file);
  return {
    firstRun: firstRun === 'undecided' || firstRun === 'wanted' ? firstRun : isNew ? 'undecided' : 'done',
    port: typeof port === 'number' ? port : undefined,
    children: Array.isArray(children) ? children.filter(isIdentity) : [],
  };
}

function isIdentity(value: unknown): value is ProcessIdentity {
  return typeof value === 'object' && value !== null && 'pid' in value && 'startedAt' in value;
}
