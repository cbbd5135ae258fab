import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { queues, type Queue } from '../../activities/acts/act-kind.ts';
import { realTime } from '../http/clock.ts';

export interface QueueWatch {
  /**
   * @param nowMs a clock that only goes forward.
   * @returns what an operator should know of the task queues: those that no worker serves, or that Temporal is away.
   * Never throws.
   */
  readonly warnings: (nowMs: number) => Promise<readonly string[]>;
  /** Once nothing is asked any more; before the connection is closed. */
  readonly settled: () => Promise<void>;
}

export interface QueueWatchOptions {
  readonly connection: Pick<Connection, 'workflowService' | 'withDeadline'>;
  readonly namespace: string;
  readonly queuePrefix: string;
}

/** How long Temporal may take. */
const ANSWER_LIMIT_MS = 1000;

/** Asked more often than this, the last answer is given again. */
const FRESH_FOR_MS = 5000;

const AWAY = 'Temporal does not answer: acts wait in the database until it does.';

/**
 * A worker asks for tasks at least once a minute; who has not for longer is gone, though Temporal remembers it for
 * five.
 */
const GONE_AFTER_MS = 90_000;

/** Work on a queue that nobody serves waits without an error, so somebody has to say it (spec, behaviours S105). */
export function makeQueueWatch({ connection, namespace, queuePrefix }: QueueWatchOptions): QueueWatch {
  const isServed = async (queue: Queue): Promise<boolean> => {
    const { pollers } = await connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: queuePrefix + queue },
      taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    });
    const oldest = realTime().getTime() - GONE_AFTER_MS;
    return pollers.some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= oldest);
  };
  const look = async (): Promise<readonly string[]> => {
    // Waits for all of them: a try that is still open when the connection closes would throw where nobody can catch it.
    const served = await connection.withDeadline(realTime().getTime() + ANSWER_LIMIT_MS, () =>
      Promise.allSettled(queues.map((queue) => isServed(queue))),
    );
    if (served.some(({ status }) => status === 'rejected')) return [AWAY];
    return queues
      .filter((_, index) => !(served[index] as PromiseFulfilledResult<boolean>).value)
      .map((queue) => `no worker serves the queue ${queuePrefix}${queue}: its acts wait. Start one (DURABILL_QUEUES).`);
  };
  let last: { readonly atMs: number; readonly warnings: Promise<readonly string[]> } | undefined;
  return {
    warnings: (nowMs) => {
      if (!last || nowMs - last.atMs > FRESH_FOR_MS) last = { atMs: nowMs, warnings: look() };
      return last.warnings;
    },
    settled: async () => void (await last?.warnings),
  };
}
