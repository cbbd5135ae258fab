import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { billingTiming } from '../activities/billing-timing.ts';
import { makeActStarter } from '../activities/start-acts.ts';
import { temporalConfiguration, workflowUrl } from '../activities/temporal-connection.ts';
import { makeWebhookKeys, refuseWrongKey } from '../activities/webhook-keys.ts';
import { openOrm } from '../db/orm.ts';
import { exitWithParent } from '../worker/exit-with-parent.ts';
import { processLog } from '../worker/process-log.ts';
import { onShutdown } from '../worker/shutdown.ts';
import { makeApp } from './app.ts';
import { startBehindAnswers } from './start-behind-answers.ts';

/** Connections to PostgreSQL; requests beyond wait their turn. */
const POOL_SIZE = 20;

/** Longer than any statement of a request takes; beyond, the database counts as away. */
const STATEMENT_ANSWER_LIMIT_MS = 15_000;

async function main(): Promise<void> {
  const environment = process.env;
  const databaseUrl = environment['DATABASE_URL'];
  const adminKey = environment['DURABILL_ADMIN_KEY'];
  const secretKey = environment['DURABILL_SECRET_KEY'];
  if (!databaseUrl || !adminKey || !secretKey) {
    throw new Error(
      'DATABASE_URL, DURABILL_ADMIN_KEY and DURABILL_SECRET_KEY must be set: start with `npm start`, or set them.',
    );
  }
  const log = processLog('api');
  const temporal = temporalConfiguration(environment);
  const orm = await openOrm(databaseUrl, {
    poolSize: POOL_SIZE,
    applicationName: 'durabill api',
    statementAnswerLimitMs: STATEMENT_ANSWER_LIMIT_MS,
  });
  const webhookKeys = makeWebhookKeys(orm, secretKey);
  await refuseWrongKey(webhookKeys);
  // Lazy: without Temporal requests are still answered, and their acts wait in the database.
  const connection = Connection.lazy(temporal.connection);
  const client = new Client({ connection, namespace: temporal.namespace });
  const starting = startBehindAnswers({
    orm,
    starter: makeActStarter({ client: () => Promise.resolve(client), queuePrefix: temporal.queuePrefix }),
    log,
  });
  let ready = true;
  const app = makeApp({
    orm,
    log,
    adminKey,
    timing: billingTiming(environment),
    webhookKeys,
    workflowUrl: (id) => workflowUrl(temporal, id),
    start: starting.start,
    isReady: () => ready,
    checkAnswers: environment['DURABILL_CHECK_ANSWERS'] === 'true',
  });
  const server = createServer(app);
  server.keepAliveTimeout = 65_000;
  server.requestTimeout = 60_000;
  server.headersTimeout = 15_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(environment['PORT'] ?? 3000), environment['HOST'] ?? '127.0.0.1', resolve);
  });
  onShutdown(async () => {
    ready = false;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
    await starting.settled();
    await connection.close();
    await orm.close();
    log.info('stopped');
  });
  exitWithParent();
  const { port } = server.address() as AddressInfo;
  log.info({ port }, 'ready');
  process.send?.({ ready: true, port });
}

main().catch((error: unknown) => {
  const { message } = error instanceof Error ? error : new Error(String(error));
  console.error(`durabill api: ${message}`);
  process.exit(1);
});
