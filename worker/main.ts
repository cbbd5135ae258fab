import { Client } from '@temporalio/client';
import {
  NativeConnection,
  Worker,
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
import { freePort } from '../db/embedded/free-port.ts';
import { schemaProblem } from '../db/migrations-pending.ts';
import { openOrm, type DatabasePool } from '../db/orm.ts';
import { WrongSecretKey } from '../db/sealed-secret.ts';
import { countPool, countProcess } from '../telemetry/figures.ts';
import { startTracingIfWanted } from '../telemetry/start-tracing.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { version } from '../telemetry/version.ts';
import type { Queue } from '../workflows/ids.ts';
import { activityLogFacts } from './activity-log-facts.ts';
import { startDispatcher } from './dispatcher.ts';
import { exitWithParent } from './exit-with-parent.ts';
import { explainStartFailure } from './explain-start-failure.ts';
import { faultFrom } from './fault.ts';
import { startMetricsServer } from './metrics-server.ts';
import { processLog } from './process-log.ts';
import {
  ACTIVITIES_AT_ONCE,
  WEBHOOKS_POOL_SIZE,
  readWorkerConfiguration,
  type WorkerConfiguration,
} from './role-configuration.ts';
import { onShutdown } from './shutdown.ts';
import { installRuntime } from './temporal-runtime.ts';
import { keepTemporalStore } from './temporal-store.ts';
import { UnusableSetting } from './unusable-setting.ts';
import { workflowBundle } from './workflow-bundle.ts';

/** Workflows kept in memory; others are replayed from their short histories when something happens to them. */
const CACHED_WORKFLOWS = { urgent: 50, billing: 1000, bulk: 50, webhooks: 500 } as const satisfies Record<
  Queue,
  number
>;

async function main(): Promise<void> {
  const configuration = readWorkerConfiguration(process.env);
  const log = processLog('worker', configuration.logLevel);
  try {
    await start(configuration, log);
  } catch (error) {
    const isExplained = error instanceof UnusableSetting || error instanceof WrongSecretKey;
    const reason = isExplained ? error.message : await explainStartFailure(error, configuration.databaseUrl);
    log.fatal({ err: error, reason }, 'the worker could not be started');
    throw new Error(reason, { cause: error });
  }
}

async function start(configuration: WorkerConfiguration, log: Logger): Promise<void> {
  const { databaseUrl, poolSize, queues, host, metricsPort } = configuration;
  const timing = billingTiming(process.env);
  const tracing = await startTracingIfWanted(process.env, {
    role: 'worker',
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
  const temporal = temporalConfiguration(process.env);
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
  const problem = await schemaProblem(orm.em.fork());
  if (problem !== undefined) throw new Error(problem);
  const client = new Client({
    connection,
    namespace: temporal.namespace,
    ...(tracing && { plugins: [tracing.plugin] }),
  });
  const starter = makeActStarter({
    client: () => Promise.resolve(client),
    queuePrefix: temporal.queuePrefix,
    eager: true,
  });
  const store = await keepTemporalStore({ orm, connection, client, temporal, log });
  const dispatcher = startDispatcher(orm, starter, log);
  const keys = makeWebhookKeys(webhooksOrm, configuration.secretKey);
  await refuseWrongKey(keys);
  const dependencies: ActivityDependencies = {
    orm,
    starter,
    timing,
    realTime: () => new Date(),
    actsWritten: dispatcher.nudge,
    fault: faultFrom(process.env),
    warn: (message, facts) => log.warn(facts, message),
  };
  const sending: WebhookSending = {
    post: makePostWebhook({ allowPrivate: configuration.allowPrivateWebhooks }),
    keys,
    issuer: publicUrl(process.env),
    random: Math.random,
  };
  const activities = makeActivities(dependencies, sending);
  const webhooksActivities = makeActivities({ ...dependencies, orm: webhooksOrm }, sending);
  const parts = { connection, temporal, bundle, tracing };
  workers.push(
    ...(await Promise.all(
      queues.map((queue) =>
        makeWorker(queue, { ...parts, activities: queue === 'webhooks' ? webhooksActivities : activities }),
      ),
    )),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  onShutdown(async () => {
    await store.stop();
    await dispatcher.stop();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
    await metrics?.stop();
    await connection.close();
    await webhooksOrm.close();
    await orm.close();
    await tracing?.stop();
    log.info('stopped');
  });
  exitWithParent();
  running.catch((error: unknown) => {
    log.fatal({ err: error }, 'the worker cannot go on');
    fail(error);
  });
  log.info({ queues: queues.map((queue) => temporal.queuePrefix + queue), version }, 'ready');
  process.send?.({ ready: true });
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
    stickyQueueScheduleToStartTimeout: '5s',
    shutdownGraceTime: '10s',
  });
}

function fail(error: unknown): void {
  const { message } = error instanceof Error ? error : new Error(String(error));
  console.error(`durabill worker: ${message}`);
  process.exit(1);
}

main().catch(fail);
