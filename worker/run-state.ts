import type { ProcessIdentity } from '../db/embedded/process-status.ts';
import { recall, remember } from '../db/embedded/remembered.ts';

/**
 * How far the very first start has come. `undecided`: the database has not been looked at. `wanted`: it was empty, so the sample story
 * may be billed. `done`: it was, or something else was in the database.
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
  change(changes: Partial<RunState>): void;
}

export function openRunState(file: string, isNew: boolean): RunStateFile {
  let now = read(file, isNew);
  const change = (changes: Partial<RunState>) => {
    now = { ...now, ...changes };
    remember(file, { ...now });
  };
  // Written before anything else happens: the folder is empty only once.
  change({});
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
