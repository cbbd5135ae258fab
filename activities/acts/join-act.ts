import { WorkflowExecutionAlreadyStartedError, WorkflowFailedError, type Client } from '@temporalio/client';
import type { StartableAct } from '../../db/acts/act.ts';
import { WAKE_SIGNAL } from '../../workflows/wake-signal.ts';
import { isKind, kinds } from './kinds.ts';
import { startOptions } from './start-acts.ts';

/** `unanswered`: Temporal or the worker did not answer in time; the act stays wanted, and nothing is known of it. */
export type Joined = 'done' | 'failed' | 'unanswered';

/**
 * Awaits the workflow of an act, for a request that answers with its effect: starts it, or joins the run that there is.
 * Never throws.
 *
 * @param wakes whether the workflow is told to look, too: by whoever has hastened its act.
 */
export type JoinAct = (act: StartableAct, wakes: boolean) => Promise<Joined>;

export interface ActJoinerOptions {
  readonly client: Client;
  /** As for `makeActStarter`. */
  readonly queuePrefix: string;
  readonly takeoverSeconds?: number;
  /** How long a request waits. */
  readonly limitMs: number;
  readonly warn: (error: unknown, message: string) => void;
}

export function makeActJoiner({ client, queuePrefix, takeoverSeconds, limitMs, warn }: ActJoinerOptions): JoinAct {
  const join = async (act: StartableAct, wakes: boolean): Promise<void> => {
    if (!isKind(act.kind)) throw new Error(`No workflow does acts of the kind ${act.kind}`);
    const { workflow } = kinds[act.kind];
    const options = startOptions(act, queuePrefix, takeoverSeconds);
    const handle = wakes
      ? await client.workflow.signalWithStart(workflow, { ...options, signal: WAKE_SIGNAL })
      : await client.workflow.start(workflow, { ...options, workflowIdConflictPolicy: 'USE_EXISTING' });
    await handle.result();
  };
  return async (act, wakes) => {
    try {
      await client.withAbortSignal(AbortSignal.timeout(limitMs), () => join(act, wakes));
      return 'done';
    } catch (error) {
      // It has completed, and is never started again.
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'done';
      if (error instanceof WorkflowFailedError) return 'failed';
      warn(error, `the workflow ${act.id} did not answer`);
      return 'unanswered';
    }
  };
}
