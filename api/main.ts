import type { AddressInfo } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import type { Logger } from 'pino';
import { makeActJoiner } from '../activities/acts/join-act.ts';
import { makeActStarter } from '../activities/acts/start-acts.ts';
import { workflowUrl } from '../activities/acts/temporal-connection.ts';
import { makeWebhookKeys, refuseWrongKey } from '../activities/webhooks/webhook-keys.ts';
import { openFileStore } from '../activities/files/open-file-store.ts';
import { signedLinks } from '../activities/files/signed-links.ts';
import { openOrm } from '../db/orm.ts';
import { readOperationFigures } from '../db/queries/operations/operation-figures.ts';
import { WrongSecretKey } from '../db/sealed-secret.ts';
import { startProblem } from '../db/start-problem.ts';
import { sessionLocks } from '../db/session-locks.ts';
import { countPool, countProcess } from '../telemetry/figures.ts';
import { startTracingIfWanted } from '../telemetry/start-tracing.ts';
import { exitWithParent } from '../worker/process/exit-with-parent.ts';
import { checkDatabase } from '../worker/process/external-servers.ts';
import { faultFrom } from '../worker/process/fault.ts';
import { processLog } from '../worker/process/process-log.ts';
import { readApiConfiguration, type ApiConfiguration } from '../worker/process/role-configuration.ts';
import { onShutdown } from '../worker/process/shutdown.ts';
import { answerAndClose } from './http/answer-and-close.ts';
import { realTime } from './http/clock.ts';
import { makeApp } from './http/app.ts';
import { makeQueueWatch } from './operations/queue-watch.ts';
import { openRequests } from './http/open-requests.ts';
import { makeServer } from './http/server.ts';
import { startBehindAnswers } from '../activities/acts/start-behind-answers.ts';
import { version } from '../telemetry/version.ts';

/** Longer than any statement of a request takes; beyond, the database counts as away. */
const STATEMENT_ANSWER_LIMIT_MS = 15_000;

/**
 * How long a request waits for the workflow that it joins, before it does the same by itself. A workflow that fails
 * says so within it: it tries again after 3 seconds.
 */
const JOIN_LIMIT_MS = 5_000;

/** How often to look for a database that was away at the start. */
const LOOK_AGAIN_MS = 250;

async function main(): Promise<void> {
  const environment = process.env;
  const configuration = readApiConfiguration(environment);
  const { databaseUrl, poolSize, host, port, temporal, timing } = configuration;
  const log = processLog('api', configuration.logLevel);
  const tracing = await startTracingIfWanted(configuration.tracing, {
    role: 'api',
    serviceName: configuration.serviceName,
    version,
    warn: (reason) => log.warn({ reason }, 'tracing does not work; everything else does'),
  });
  countProcess();
  const orm = await openOrm(databaseUrl, {
    poolSize,
    applicationName: 'durabill api',
    statementAnswerLimitMs: STATEMENT_ANSWER_LIMIT_MS,
    onPool: (pool) => {
      countPool('main', pool, poolSize);
      tracing?.traceStatements(pool);
    },
  });
  const webhookKeys = makeWebhookKeys(orm, configuration.secretKey);
  const check = async (): Promise<void> => {
    const problem = await startProblem(orm.em.fork(), databaseUrl, 'work');
    if (problem !== undefined) throw new Refused(problem);
    await refuseWrongKey(webhookKeys);
  };
  const stopLooking = await checkDatabaseOnceThere(check, configuration, log);
  const figures = readOperationFigures(databaseUrl);
  // Lazy: without Temporal requests are still answered, and their acts wait in the database.
  const connection = Connection.lazy(temporal.connection);
  const client = new Client({
    connection,
    namespace: temporal.namespace,
    ...(tracing && { plugins: [tracing.plugin] }),
  });
  const { namespace, queuePrefix, takeoverSeconds } = temporal;
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
    timing,
    webhookKeys,
    files: openFileStore(configuration.files.address),
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
    fault: faultFrom(environment),
    checkAnswers: configuration.checkAnswers,
    figures,
    metrics: configuration.metrics,
    embeddedTemporal: configuration.embeddedTemporal,
    queueWatch,
  });
  const server = makeServer(app, log);
  const stopServer = answerAndClose(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(`The API cannot listen on ${host}:${port} (${error.code}): correct HOST and PORT.`));
    });
    server.listen(port, host, resolve);
  });
  onShutdown(async () => {
    ready = false;
    stopLooking();
    await stopServer();
    await starting.settled();
    await queueWatch.settled();
    await connection.close();
    await figures.close();
    await orm.close();
    await tracing?.stop();
    log.info('stopped');
  });
  exitWithParent();
  const { port: listening } = server.address() as AddressInfo;
  log.info({ port: listening, version }, 'ready');
  process.send?.({ ready: true, port: listening });
}

/**
 * Refuses a database of another version, without the rights or with another secret key. One that is away may come back,
 * and until then requests are answered with 503: it is looked at as soon as it answers, and ends the process then.
 *
 * @returns what ends the looking.
 */
async function checkDatabaseOnceThere(
  check: () => Promise<void>,
  { databaseUrl }: ApiConfiguration,
  log: Logger,
): Promise<() => void> {
  const problem: unknown = await check().catch((error: unknown) => error);
  if (problem === undefined) return () => undefined;
  if (isFinal(problem)) throw problem;
  const reason = messageOf(
    await checkDatabase(databaseUrl).then(
      () => problem,
      (known: unknown) => known,
    ),
  );
  log.warn({ reason }, 'the database does not answer yet');
  const again = (): NodeJS.Timeout =>
    setTimeout(() => {
      check().then(
        () => log.info('the database answers'),
        (error: unknown) => {
          if (isFinal(error)) fail(error);
          timer = again();
        },
      );
    }, LOOK_AGAIN_MS).unref();
  let timer = again();
  return () => clearTimeout(timer);
}

class Refused extends Error {}

/** Whether it will not pass by itself. */
const isFinal = (error: unknown): error is Error => error instanceof Refused || error instanceof WrongSecretKey;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function fail(error: unknown): never {
  console.error(`durabill api: ${messageOf(error)}`);
  process.exit(1);
}

main().catch(fail);
