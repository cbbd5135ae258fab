import type { FaultName } from '../../activities/fault-point.ts';
import type { OrganizationClient } from '../support/organization-client.ts';
import type { RunningDurabill } from '../support/processes/running-durabill.ts';

/**
 * What the worker is killed in (kill-the-worker.test.ts): told to one organization meanwhile, then to another in peace.
 */
export interface WorkerStory {
  /** Fits behind "kill -9 of the worker". */
  readonly when: string;
  /** Where it is killed, once at each; the story must come to all of them. */
  readonly places: readonly FaultName[];
  /** Of the organizations. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Told to its end, when nothing that it started is at work any more. */
  readonly tell: (durabill: RunningDurabill, organization: OrganizationClient) => Promise<void>;
  /** All that it leaves, without ids and in one order. */
  readonly outcome: (durabill: RunningDurabill, organization: OrganizationClient) => Promise<unknown>;
  /** What that is; and nothing else than in peace. */
  readonly isRight: (outcome: unknown) => void;
}

/** How long a story waits for what it has started: the worker dies meanwhile, up to nine times. */
export const SETTLED_WITHIN_MS = 240_000;
