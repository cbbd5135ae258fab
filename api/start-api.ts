import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Client, Connection } from '@temporalio/client';
import type { Logger } from 'pino';
import { makeActJoiner } from '../activities/acts/join-act.ts';
import type { FaultPoint } from '../activities/fault-point.ts';
import { makeActStarter } from '../activities/acts/start-acts.ts';
import { startBehindAnswers } from '../activities/acts/start-behind-answers.ts';
import { workflowUrl } from '../activities/acts/temporal-connection.ts';
import { openFileStore } from '../activities/files/open-file-store.ts';
import { signedLinks } from '../activities/files/signed-links.ts';
import { makeWebhookKeys, refuseWrongKey, type WebhookKeys } from '../activities/webhooks/webhook-keys.ts';
import { openOrm } from '../db/orm.ts';
import { readOperationFigures } from '../db/queries/operations/operation-figures.ts';
import { startProblem } from '../db/start-problem.ts';
import { sessionLocks } from '../db/session-locks.ts';
import { countPool, countProcess } from '../telemetry/figures.ts';
import { startTracingIfWanted } from '../telemetry/start-tracing.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { version } from '../telemetry/version.ts';
import type { ApiConfiguration } from '../worker/process/role-configuration.ts';
import { DatabaseRefused, checkDatabaseOnceThere } from './database-check.ts';
import { answerAndClose } from './answer-and-close.ts';
import { makeApp } from './http/app.ts';
import { realTime } from './http/clock.ts';
import { openRequests } from './http/open-requests.ts';
import { makeServer } from './http/server.ts';
import { makeQueueWatch } from './operations/queue-watch.ts';

/** Longer than any statement of a request takes; beyond, the database counts as away. */
const STATEMENT_ANSWER_LIMIT_MS = 15_000;

/**
 * How long a request waits for the workflow that it joins, before it does the same by itself. A workflow that fails
 * says so within it: it tries again after 3 seconds.
 */
const JOIN_LIMIT_MS = 5_000;

export interface RunningApi {
  readonly port: number;
  /** Answers what was asked and closes everything, in the order in which things need each other. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts what an API process consists of, and listens.
 *
 * @param ends.refuse ends the process: a database that was away has come back and cannot be worked with.
 */
export async function startApi(
  configuration: ApiConfiguration,
  log: Logger,
  { refuse, fault }: { readonly refuse: (reason: Error) => void; readonly fault: FaultPoint },
): Promise<RunningApi> {
  const tracing = await startTracingIfWanted(configuration.tracing, {
    role: 'api',
    serviceName: configuration.serviceName,
    version,
    warn: (reason) => log.warn({ reason }, 'tracing does not work; everything else does'),
  });
  countProcess();
  const { databaseUrl, temporal } = configuration;
  const orm = await openDatabase(configuration, tracing);
  const webhookKeys = makeWebhookKeys(orm, configuration.secretKey);
  const stopLooking = await checkDatabaseOnceThere(
    () => checkStart(orm, databaseUrl, webhookKeys),
    databaseUrl,
    log,
    refuse,
  );
  const figures = readOperationFigures(databaseUrl);
  // Lazy: without Temporal requests are still answered, and their acts wait in the database.
  const connection = Connection.lazy(temporal.connection);
  const { namespace, queuePrefix, takeoverSeconds } = temporal;
  const client = new Client({ connection, namespace, ...(tracing && { plugins: [tracing.plugin] }) });
  const requests = openRequests();
  const starting = startBehindAnswers({
    orm,
    starter: makeActStarter({ client: () => Promise.resolve(client), queuePrefix, takeoverSeconds, realTime }),
    log,
    realTime,
    pause: requests.pause,
  });
  const queueWatch = makeQueueWatch({ connection, namespace, queuePrefix });
  let ready = true;
  const app = makeApp({
    orm,
    log,
    adminKey: configuration.adminKey,
    timing: configuration.timing,
    webhookKeys,
    files: openFileStore(configuration.files),
    links: signedLinks(configuration.secretKey, configuration.publicUrl),
    locks: sessionLocks(databaseUrl),
    allowedNetworks: configuration.allowedNetworks,
    workflowUrl: (id) => workflowUrl(temporal, id),
    countRequest: requests.count,
    start: starting.start,
    join: makeActJoiner({
      client,
      queuePrefix,
      takeoverSeconds,
      limitMs: JOIN_LIMIT_MS,
      warn: (err, message) => log.warn({ err }, message),
    }),
    isReady: () => ready,
    fault,
    checkAnswers: configuration.checkAnswers,
    figures,
    metrics: configuration.metrics,
    embeddedTemporal: configuration.embeddedTemporal,
    queueWatch,
  });
  const server = makeServer(app, log);
  const stopServer = answerAndClose(server);
  return {
    port: await listen(server, configuration),
    stop: async () => {
      ready = false;
      stopLooking();
      await stopServer();
      await starting.settled();
      await queueWatch.settled();
      await connection.close();
      await figures.close();
      await orm.close();
      await tracing?.stop();
    },
  };
}

const openDatabase = ({ databaseUrl, poolSize }: ApiConfiguration, tracing: Tracing | undefined): Promise<MikroORM> =>
  openOrm(databaseUrl, {
    poolSize,
    applicationName: 'durabill api',
    statementAnswerLimitMs: STATEMENT_ANSWER_LIMIT_MS,
    onPool: (pool) => {
      countPool('main', pool, poolSize);
      tracing?.traceStatements(pool);
    },
  });

async function checkStart(orm: MikroORM, databaseUrl: string, webhookKeys: WebhookKeys): Promise<void> {
  const problem = await startProblem(orm.em.fork(), databaseUrl, 'work');
  if (problem !== undefined) throw new DatabaseRefused(problem);
  await refuseWrongKey(webhookKeys);
}

/** @returns the port, which the system chooses where none is given. */
async function listen(server: Server, { host, port }: ApiConfiguration): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(`The API cannot listen on ${host}:${port} (${error.code}): correct HOST and PORT.`));
    });
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}
