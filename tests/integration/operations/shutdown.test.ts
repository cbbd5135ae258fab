/**
 * What is under way when an operator stops the API or a worker is finished first (docs/operations.md, Stopping).
 *
 * @inOrder Each test goes on with what the one before it left.
 */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { startBare, type BareProcess } from '../../support/processes/bare-process.ts';
import { freePort } from '../../support/servers/free-port.ts';
import { createOrganization, subscribeCustomers, type OrganizationClient } from '../../support/organization-client.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';
import { testTemporal } from '../../support/servers/test-temporal.ts';
import { until } from '../../support/until.ts';
import { workflowBundleFile } from '../../support/workflow-bundle-file.ts';

const ADMIN_KEY = 'an-operator-key-for-tests';

let database: TestDatabase;
let holder: Client;
/** Looks from outside the holder's transaction, in which what others do would stand still. */
let observer: Client;
let environment: Record<string, string>;
let port: number;
let organization: OrganizationClient;
const running: BareProcess[] = [];

const start = async (program: 'api/main.ts' | 'worker/main.ts'): Promise<BareProcess> => {
  const bare = startBare(program, environment);
  running.push(bare);
  await bare.logs('ready');
  return bare;
};

/** How many sessions of a process wait for a lock that the test holds. */
const waiting = async (application: string): Promise<number> => {
  const { rows } = await observer.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and application_name = $1 and wait_event_type = 'Lock'`,
    [application],
  );
  return rows[0]?.count ?? 0;
};

/** Holds back whatever writes to a table, until `release`. */
const hold = async (table: string): Promise<void> => {
  await holder.query('begin');
  await holder.query(`lock table ${table} in exclusive mode`);
};
const release = () => holder.query('commit');

beforeAll(async () => {
  const temporal = await testTemporal();
  port = await freePort();
  database = await testDatabase();
  environment = {
    DATABASE_URL: database.databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    DURABILL_TASK_QUEUE_PREFIX: `stop-${port}-`,
    DURABILL_ADMIN_KEY: ADMIN_KEY,
    DURABILL_SECRET_KEY: 'a-secret-key-of-at-least-32-characters',
    DURABILL_WORKFLOW_BUNDLE: await workflowBundleFile(),
    PORT: String(port),
  };
  holder = new Client({ connectionString: database.databaseUrl });
  observer = new Client({ connectionString: database.databaseUrl });
  await Promise.all([holder.connect(), observer.connect()]);
});
afterAll(async () => {
  for (const bare of running) bare.signal('SIGKILL');
  await Promise.all(running.map((bare) => bare.ended));
  await Promise.all([holder.end(), observer.end()]);
  await database.drop();
});

describe('the API', () => {
  let idle: Socket;

  test('answers what it was asked, and waits for nobody who asks nothing', async () => {
    const api = await start('api/main.ts');
    organization = await createOrganization({ url: `http://127.0.0.1:${port}`, adminKey: ADMIN_KEY });
    idle = connect(port, '127.0.0.1');
    idle.on('error', () => undefined);
    await once(idle, 'connect');
    await hold('customers');
    const asked = organization.request('POST', '/customers', { customer: { external_id: 'late', name: 'Late' } });
    await until(async () => (await waiting('durabill api')) > 0, 'the request is under way');
    api.signal('SIGTERM');
    await until(
      () =>
        fetch(`http://127.0.0.1:${port}/ready`).then(
          () => false,
          () => true,
        ),
      'nobody new gets in',
    );
    await release();
    const answer = await asked;
    expect([answer.status, answer.body.customer.external_id]).toEqual([200, 'late']);
    expect(await api.ended).toBe(0);
    expect(api.lines().at(-1)).toMatchObject({ msg: 'stopped' });
  });

  test('a second signal ends it at once', async () => {
    const api = await start('api/main.ts');
    await hold('customers');
    const asked = organization
      .request('POST', '/customers', { customer: { external_id: 'lost', name: 'Lost' } })
      .catch(() => 'cut off');
    await until(async () => (await waiting('durabill api')) > 0, 'the request is under way');
    const again = setInterval(() => api.signal('SIGTERM'), 100);
    expect(await api.ended).toBe(1);
    clearInterval(again);
    expect(await asked).toBe('cut off');
    await release();
  });
});

describe('the worker', () => {
  const invoices = async (): Promise<unknown> =>
    (
      await observer.query(
        `select (select count(*)::int from invoices where status = 'finalized') as invoices,
                (select count(*)::int from acts where kind = 'period' and state = 'done') as done`,
      )
    ).rows[0];

  test('finishes the invoice that it is making; the rest is made by the next one', async () => {
    const api = await start('api/main.ts');
    const worker = await start('worker/main.ts');
    await organization.ok('PUT', '/test_clock', {
      test_clock: { frozen_time: '2030-01-01T00:00:00Z', mode: 'jump' },
    });
    await subscribeCustomers(organization, 3);
    await organization.settled();
    await hold('fees');
    await organization.ok('PUT', '/test_clock', {
      test_clock: { frozen_time: '2030-02-02T00:00:00Z', mode: 'advance' },
    });
    await until(async () => (await waiting('durabill worker')) > 0, 'an invoice is being made');
    worker.signal('SIGTERM');
    await release();
    expect(await worker.ended).toBe(0);
    expect(worker.lines().at(-1)).toMatchObject({ msg: 'stopped' });

    const next = await start('worker/main.ts');
    await organization.settled();
    expect(await invoices()).toEqual({ invoices: 3, done: 3 });
    for (const bare of [api, next]) bare.signal('SIGTERM');
    expect(await Promise.all([api.ended, next.ended])).toEqual([0, 0]);
  });
});
