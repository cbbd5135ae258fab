import type { MikroORM } from '@mikro-orm/postgresql';
import { Client } from '@temporalio/client';
import { NativeConnection, type NativeConnectionOptions, type Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { makeActStarter, type ActStarter } from '../activities/acts/start-acts.ts';
import type { ActivityDependencies } from '../activities/dependencies.ts';
import { noteFileStore } from '../activities/files/shared-store.ts';
import { openFileStore } from '../activities/files/open-file-store.ts';
import { signedLinks } from '../activities/files/signed-links.ts';
import { makeActivities, type Activities } from '../activities/index.ts';
import { makePostMail, type PostMail } from '../activities/mail/post-mail.ts';
import { lookAheadLimits } from '../activities/look-ahead-limits.ts';
import { makeAskVies } from '../activities/taxes/ask-vies.ts';
import { makePostWebhook } from '../activities/webhooks/post-webhook.ts';
import type { WebhookSending } from '../activities/webhooks/send-webhooks.ts';
import { makeWebhookKeys, refuseWrongKey, type WebhookKeys } from '../activities/webhooks/webhook-keys.ts';
import { openOrm } from '../db/orm.ts';
import { startProblem } from '../db/start-problem.ts';
import { countPool, countProcess } from '../telemetry/figures.ts';
import { startTracingIfWanted } from '../telemetry/start-tracing.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { version } from '../telemetry/version.ts';
import { startDispatcher } from './dispatcher.ts';
import { startMetricsServer } from './metrics-server.ts';
import { faultFrom } from './process/fault.ts';
import { freePort } from './process/free-port.ts';
import { WEBHOOKS_POOL_SIZE, type WorkerConfiguration } from './process/role-configuration.ts';
import { makeQueueWorker } from './queue-worker.ts';
import { installRuntime } from './temporal-runtime.ts';
import { keepTemporalStore } from './temporal-store.ts';
import { workflowBundle } from './workflow-bundle.ts';

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
  const { databaseUrl, secretKey, poolSize, queues, temporal } = configuration;
  const tracing = await startTracingIfWanted(configuration.tracing, {
    role: 'worker',
    serviceName: configuration.serviceName,
    version,
    warn: (reason) => log.warn({ reason }, 'tracing does not work; everything else does'),
  });
  const workers: Worker[] = [];
  const metrics = await startMetrics(configuration, log, workers);
  const [orm, webhooksOrm, connection, bundle] = await Promise.all([
    openPool(databaseUrl, { name: 'main', size: poolSize, applicationName: 'durabill worker' }, tracing),
    openPool(
      databaseUrl,
      { name: 'webhooks', size: WEBHOOKS_POOL_SIZE, applicationName: 'durabill webhooks' },
      tracing,
    ),
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
    realTime,
  });
  const store = await keepTemporalStore({ orm, connection, client, temporal, log });
  const dispatcher = startDispatcher(orm, starter, log);
  await noteStoreOfFiles(configuration, orm, log);
  const dependencies = dependenciesOf(configuration, { orm, starter, log, actsWritten: dispatcher.nudge });
  const sending = webhookSending(configuration, keys);
  const activitiesOf = (own: ActivityDependencies): Activities => exchange(makeActivities(own, sending), own);
  const activities = activitiesOf(dependencies);
  const webhooksActivities = activitiesOf({ ...dependencies, orm: webhooksOrm });
  const parts = { connection, temporal, bundle, tracing };
  workers.push(
    ...(await Promise.all(
      queues.map((queue) =>
        makeQueueWorker(queue, { ...parts, activities: queue === 'webhooks' ? webhooksActivities : activities }),
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

const realTime = (): Date => new Date();

/** Temporal's runtime, whose own metrics the metrics server passes on; the server only where it is asked for. */
async function startMetrics({ host, metricsPort }: WorkerConfiguration, log: Logger, workers: readonly Worker[]) {
  const sdkAddress = `127.0.0.1:${metricsPort === undefined ? 0 : await freePort([])}`;
  installRuntime({ log, metricsAddress: metricsPort === undefined ? undefined : sdkAddress });
  countProcess();
  if (metricsPort === undefined) return undefined;
  const isReady = () => workers.length > 0 && workers.every((worker) => worker.getState() === 'RUNNING');
  return startMetricsServer({ host, port: metricsPort, sdkAddress, isReady });
}

const openPool = (
  databaseUrl: string,
  { name, size, applicationName }: { readonly name: string; readonly size: number; readonly applicationName: string },
  tracing: Tracing | undefined,
): Promise<MikroORM> =>
  openOrm(databaseUrl, {
    poolSize: size,
    onPool: (pool) => {
      countPool(name, pool, size);
      tracing?.traceStatements(pool);
    },
    applicationName,
  });

interface OpenParts {
  readonly orm: MikroORM;
  readonly starter: ActStarter;
  readonly log: Logger;
  readonly actsWritten: () => void;
}

const dependenciesOf = (
  { timing, vies, files, exportPartSize, exportPatienceMs, secretKey, publicUrl, mail }: WorkerConfiguration,
  { orm, starter, log, actsWritten }: OpenParts,
): ActivityDependencies => ({
  orm,
  starter,
  timing,
  lookAhead: lookAheadLimits(),
  realTime,
  askVies: makeAskVies(vies),
  // No customer can have one yet.
  taxProviders: new Map(),
  postMail: mailSender(mail, log),
  files: openFileStore(files),
  exporting: {
    partSize: exportPartSize,
    storagePatienceMs: exportPatienceMs,
    linkOf: signedLinks(secretKey, publicUrl).linkOf,
  },
  actsWritten,
  fault: faultFrom(process.env),
  warn: (message, facts) => log.warn(facts, message),
});

/** A store that does not work yet holds up nothing but what needs it, which says so. */
async function noteStoreOfFiles({ files }: WorkerConfiguration, orm: MikroORM, log: Logger): Promise<void> {
  await noteFileStore(orm.em.fork(), openFileStore(files)).catch((error: unknown) =>
    log.warn({ err: error }, 'no file can be stored: DURABILL_FILES'),
  );
}

/** @returns null: without a server for mail none is written, which is said once. */
function mailSender(mail: WorkerConfiguration['mail'], log: Logger): PostMail | null {
  if (mail !== null) return makePostMail(mail);
  log.info('no mail is sent: DURABILL_SMTP_URL is not set');
  return null;
}

const webhookSending = ({ allowedNetworks, publicUrl }: WorkerConfiguration, keys: WebhookKeys): WebhookSending => ({
  post: makePostWebhook({ allowed: allowedNetworks }),
  keys,
  issuer: publicUrl,
  random: Math.random,
});
