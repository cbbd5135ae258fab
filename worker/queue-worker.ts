import { Worker, type NativeConnection, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { Queue } from '../activities/acts/act-kind.ts';
import type { TemporalConfiguration } from '../activities/acts/temporal-connection.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { activityLogFacts } from './activity-log-facts.ts';
import { ACTIVITIES_AT_ONCE } from './process/role-configuration.ts';

/** Workflows kept in memory; others are replayed from their short histories when something happens to them. */
const CACHED_WORKFLOWS = { urgent: 50, billing: 1000, exports: 50, bulk: 50, webhooks: 500 } as const satisfies Record<
  Queue,
  number
>;

/** What a worker works with, whatever its queue. */
export interface WorkerParts {
  readonly connection: NativeConnection;
  readonly temporal: TemporalConfiguration;
  readonly bundle: WorkflowBundleWithSourceMap | { codePath: string };
  readonly activities: object;
  readonly tracing: Tracing | undefined;
}

/** A worker of one queue. */
export const makeQueueWorker = (
  queue: Queue,
  { connection, temporal, bundle, activities, tracing }: WorkerParts,
): Promise<Worker> =>
  Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue: temporal.queuePrefix + queue,
    workflowBundle: bundle,
    activities,
    interceptors: { activity: [activityLogFacts] },
    ...(tracing && { plugins: [tracing.plugin] }),
    maxConcurrentActivityTaskExecutions: ACTIVITIES_AT_ONCE[queue].normal,
    maxConcurrentLocalActivityExecutions: ACTIVITIES_AT_ONCE[queue].local,
    maxCachedWorkflows: CACHED_WORKFLOWS[queue],
    workflowThreadPoolSize: 1,
    // Together with the tasks' own limit: how soon another worker takes over from one that died.
    stickyQueueScheduleToStartTimeout: temporal.takeoverSeconds * 1000,
    shutdownGraceTime: '10s',
  });
