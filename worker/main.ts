import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import {
  NativeConnection,
  Worker,
  bundleWorkflowCode,
  type NativeConnectionOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import type { Logger } from 'pino';
import type { ActivityDependencies } from '../activities/dependencies.ts';
import { makeActivities } from '../activities/index.ts';
import { makePostWebhook } from '../activities/post-webhook.ts';
import { publicUrl } from '../activities/public-url.ts';
import type { WebhookSending } from '../activities/send-webhooks.ts';
import { makeActStarter } from '../activities/start-acts.ts';
import { temporalConfiguration, type TemporalConfiguration } from '../activities/temporal-connection.ts';
import { billingTiming } from '../activities/billing-timing.ts';
import { makeWebhookKeys, refuseWrongKey } from '../activities/webhook-keys.ts';
import { openOrm } from '../db/orm.ts';
import type { Queue } from '../workflows/ids.ts';
import { startDispatcher } from './dispatcher.ts';
import { exitWithParent } from './exit-with-parent.ts';
import { faultFrom } from './fault.ts';
import { processLog } from './process-log.ts';
import { onShutdown } from './shutdown.ts';
import { installRuntime } from './temporal-runtime.ts';
import { keepTemporalStore } from './temporal-store.ts';

/** Connections to PostgreSQL: one for each activity at work, and two for the dispatcher and the watch of Temporal's store. */
const POOL_SIZE = 20;
const ACTIVITIES_AT_ONCE = { urgent: 4, billing: 10, bulk: 4, webhooks: 500 } as const satisfies Record<Queue, number>;

/** Lanes of webhooks wait for others' servers most of the time. Their few statements share connections of their own. */
const WEBHOOKS_POOL_SIZE = 6;

/** Workflows kept in memory; others are replayed from their short histories when something happens to them. */
const CACHED_WORKFLOWS = { urgent: 50, billing: 1000, bulk: 50, webhooks: 500 } as const satisfies Record<
  Queue,
  number
>;

const queues = ['urgent', 'billing', 'bulk', 'webhooks'] as const;

const quiet = { log: () => undefined, trace: () => undefined, debug: () => undefined, info: () => undefined };

/** The bundle that `npm run bundle` made, or one made now from the source. */
async function workflowBundle(): Promise<WorkflowBundleWithSourceMap | { codePath: string }> {
  const codePath = process.env['DURABILL_WORKFLOW_BUNDLE'];
  if (codePath) return { codePath };
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    logger: { ...quiet, warn: console.warn, error: console.error },
  });
}

async function main(): Promise<void> {
  const databaseUrl = process.env['DATABASE_URL'];
  const secretKey = process.env['DURABILL_SECRET_KEY'];
  if (!databaseUrl || !secretKey) {
    throw new Error('DATABASE_URL and DURABILL_SECRET_KEY must be set: start with `npm start`, or set both.');
  }
  const log = processLog('worker');
  installRuntime(log);
  const temporal = temporalConfiguration(process.env);
  const [orm, webhooksOrm, connection, bundle] = await Promise.all([
    openOrm(databaseUrl, { poolSize: POOL_SIZE, applicationName: 'durabill worker' }),
    openOrm(databaseUrl, { poolSize: WEBHOOKS_POOL_SIZE, applicationName: 'durabill webhooks' }),
    NativeConnection.connect(temporal.connection as NativeConnectionOptions),
    workflowBundle(),
  ]);
  const client = new Client({ connection, namespace: temporal.namespace });
  const starter = makeActStarter({
    client: () => Promise.resolve(client),
    queuePrefix: temporal.queuePrefix,
    eager: true,
  });
  const store = await keepTemporalStore({ orm, connection, client, temporal, log });
  const dispatcher = startDispatcher(orm, starter, log);
  const keys = makeWebhookKeys(webhooksOrm, secretKey);
  await refuseWrongKey(keys);
  const dependencies: ActivityDependencies = {
    orm,
    starter,
    timing: billingTiming(process.env),
    realTime: () => new Date(),
    actsWritten: dispatcher.nudge,
    fault: faultFrom(process.env),
    warn: (message, facts) => log.warn(facts, message),
  };
  const sending: WebhookSending = {
    post: makePostWebhook({ allowPrivate: process.env['DURABILL_ALLOW_PRIVATE_WEBHOOKS'] === 'true' }),
    keys,
    issuer: publicUrl(process.env),
    random: Math.random,
  };
  const activities = makeActivities(dependencies, sending);
  const webhooksActivities = makeActivities({ ...dependencies, orm: webhooksOrm }, sending);
  const workers = await Promise.all(
    queues.map((queue) =>
      makeWorker(queue, {
        connection,
        temporal,
        bundle,
        activities: queue === 'webhooks' ? webhooksActivities : activities,
      }),
    ),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  onShutdown(async () => {
    await store.stop();
    await dispatcher.stop();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
    await connection.close();
    await webhooksOrm.close();
    await orm.close();
    log.info('stopped');
  });
  exitWithParent();
  running.catch((error: unknown) => fail(log, error));
  log.info({ queues: queues.map((queue) => temporal.queuePrefix + queue) }, 'ready');
  process.send?.({ ready: true });
}

interface WorkerParts {
  readonly connection: NativeConnection;
  readonly temporal: TemporalConfiguration;
  readonly bundle: WorkflowBundleWithSourceMap | { codePath: string };
  readonly activities: object;
}

function makeWorker(queue: Queue, { connection, temporal, bundle, activities }: WorkerParts): Promise<Worker> {
  return Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue: temporal.queuePrefix + queue,
    workflowBundle: bundle,
    activities,
    maxConcurrentActivityTaskExecutions: ACTIVITIES_AT_ONCE[queue],
    maxConcurrentLocalActivityExecutions: ACTIVITIES_AT_ONCE[queue],
    maxCachedWorkflows: CACHED_WORKFLOWS[queue],
    workflowThreadPoolSize: 1,
    // Together with the tasks' own limit: how soon another worker takes over from one that died.
    stickyQueueScheduleToStartTimeout: '5s',
    shutdownGraceTime: '10s',
  });
}

function fail(log: Logger | undefined, error: unknown): void {
  const { message } = error instanceof Error ? error : new Error(String(error));
  if (log) log.fatal({ err: error }, 'the worker cannot go on');
  console.error(`durabill worker: ${message}`);
  process.exit(1);
}

main().catch((error: unknown) => fail(undefined, error));
