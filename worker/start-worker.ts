import { Client } from '@temporalio/client';
import {
  NativeConnection,
  Worker,
  type NativeConnectionOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import type { Logger } from 'pino';
import type { ActivityDependencies } from '../activities/dependencies.ts';
import { makeActivities, type Activities } from '../activities/index.ts';
import { STORAGE_PATIENCE_MS } from '../activities/data-exports/export-settings.ts';
import { openFileStore } from '../activities/files/open-file-store.ts';
import { signedLinks } from '../activities/files/signed-links.ts';
import { makePostWebhook } from '../activities/webhooks/post-webhook.ts';
import { lookAheadLimits } from '../activities/look-ahead-limits.ts';
import { makeAskVies } from '../activities/taxes/ask-vies.ts';
import type { WebhookSending } from '../activities/webhooks/send-webhooks.ts';
import { makeActStarter } from '../activities/acts/start-acts.ts';
import type { TemporalConfiguration } from '../activities/acts/temporal-connection.ts';
import { makeWebhookKeys, refuseWrongKey } from '../activities/webhooks/webhook-keys.ts';
import { freePort } from './process/free-port.ts';
import { openOrm, type DatabasePool } from '../db/orm.ts';
import { startProblem } from '../db/start-problem.ts';
import { countPool, countProcess } from '../telemetry/figures.ts';
import { startTracingIfWanted } from '../telemetry/start-tracing.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { version } from '../telemetry/version.ts';
import type { Queue } from '../activities/acts/act-kind.ts';
import { activityLogFacts } from './activity-log-facts.ts';
import { startDispatcher } from './dispatcher.ts';
import { faultFrom } from './process/fault.ts';
import { startMetricsServer } from './metrics-server.ts';
import { ACTIVITIES_AT_ONCE, WEBHOOKS_POOL_SIZE, type WorkerConfiguration } from './process/role-configuration.ts';
import { installRuntime } from './temporal-runtime.ts';
import { keepTemporalStore } from './temporal-store.ts';
import { workflowBundle } from './workflow-bundle.ts';

/** Workflows kept in memory; others are replayed from their short histories when something happens to them. */
const CACHED_WORKFLOWS = { urgent: 50, billing: 1000, exports: 50, bulk: 50, webhooks: 500 } as const satisfies Record<
  Queue,
  number
>;

export interface RunningWorker {
  /** Ends when the workers end by themselves, which is an error. */
  readonly running: Promise<unknown>;
  /** Finishes what is at work and closes everything, in the order in which things need each other. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a worker process's parts: workers of its queues, the dispatcher of acts, the watch over Temporal's store,
 * metrics.
 *
 * @param exchange lets a measure put its own activities in the place of some.
 */
export async function startWorker(
  configuration: WorkerConfiguration,
  log: Logger,
  exchange: (activities: Activities, dependencies: ActivityDependencies) => Activities = (activities) => activities,
): Promise<RunningWorker> {
  const { databaseUrl, secretKey, poolSize, queues, host, metricsPort, temporal, timing } = configuration;
  const tracing = await startTracingIfWanted(configuration.tracing, {
    role: 'worker',
    serviceName: configuration.serviceName,
    version,
    warn: (reason) => log.warn({ reason }, 'tracing does not work; everything else does'),
  });
  const sdkAddress = `127.0.0.1:${metricsPort === undefined ? 0 : await freePort([])}`;
  installRuntime({ log, metricsAddress: metricsPort === undefined ? undefined : sdkAddress });
  countProcess();
  const workers: Worker[] = [];
  const isReady = () => workers.length > 0 && workers.every((worker) => worker.getState() === 'RUNNING');
  const metrics =
    metricsPort === undefined ? undefined : await startMetricsServer({ host, port: metricsPort, sdkAddress, isReady });
  const watched = (name: string, size: number) => ({
    poolSize: size,
    onPool: (pool: DatabasePool) => {
      countPool(name, pool, size);
      tracing?.traceStatements(pool);
    },
  });
  const [orm, webhooksOrm, connection, bundle] = await Promise.all([
    openOrm(databaseUrl, { ...watched('main', poolSize), applicationName: 'durabill worker' }),
    openOrm(databaseUrl, { ...watched('webhooks', WEBHOOKS_POOL_SIZE), applicationName: 'durabill webhooks' }),
    NativeConnection.connect(temporal.connection as NativeConnectionOptions),
    workflowBundle(configuration.workflowBundle, tracing, log),
  ]);
  const problem = await startProblem(orm.em.fork(), databaseUrl, 'work');
  if (problem !== undefined) throw new Error(problem);
  const keys = makeWebhookKeys(webhooksOrm, secretKey);
  await refuseWrongKey(keys);
  const client = new Client({
    connection,
    namespace: temporal.namespace,
    ...(tracing && { plugins: [tracing.plugin] }),
  });
  const starter = makeActStarter({
    client: () => Promise.resolve(client),
    queuePrefix: temporal.queuePrefix,
    takeoverSeconds: temporal.takeoverSeconds,
    eager: true,
    realTime: () => new Date(),
  });
  const store = await keepTemporalStore({ orm, connection, client, temporal, log });
  const dispatcher = startDispatcher(orm, starter, log);
  const dependencies: ActivityDependencies = {
    orm,
    starter,
    timing,
    lookAhead: lookAheadLimits(),
    realTime: () => new Date(),
    askVies: makeAskVies(configuration.vies),
    // No customer can have one yet.
    taxProviders: new Map(),
    files: openFileStore(configuration.files.address),
    exporting: {
      partSize: configuration.exportPartSize,
      storagePatienceMs: STORAGE_PATIENCE_MS,
      linkOf: signedLinks(secretKey, configuration.publicUrl).linkOf,
    },
    actsWritten: dispatcher.nudge,
    fault: faultFrom(process.env),
    warn: (message, facts) => log.warn(facts, message),
  };
  const sending: WebhookSending = {
    post: makePostWebhook({ allowed: configuration.allowedNetworks }),
    keys,
    issuer: configuration.publicUrl,
    random: Math.random,
  };
  const activitiesOf = (own: ActivityDependencies): Activities => exchange(makeActivities(own, sending), own);
  const activities = activitiesOf(dependencies);
  const webhooksActivities = activitiesOf({ ...dependencies, orm: webhooksOrm });
  const parts = { connection, temporal, bundle, tracing };
  workers.push(
    ...(await Promise.all(
      queues.map((queue) =>
        makeWorker(queue, { ...parts, activities: queue === 'webhooks' ? webhooksActivities : activities }),
      ),
    )),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  log.info({ queues: queues.map((queue) => temporal.queuePrefix + queue), version }, 'ready');
  return {
    running,
    stop: async () => {
      await store.stop();
      await dispatcher.stop();
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      await metrics?.stop();
      await connection.close();
      await webhooksOrm.close();
      await orm.close();
      await tracing?.stop();
    },
  };
}

interface WorkerParts {
  readonly connection: NativeConnection;
  readonly temporal: TemporalConfiguration;
  readonly bundle: WorkflowBundleWithSourceMap | { codePath: string };
  readonly activities: object;
  readonly tracing: Tracing | undefined;
}

function makeWorker(queue: Queue, { connection, temporal, bundle, activities, tracing }: WorkerParts): Promise<Worker> {
  return Worker.create({
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
}
