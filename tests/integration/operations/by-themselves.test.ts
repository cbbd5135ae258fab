/**
 * The API and the worker as docker-compose runs them: external PostgreSQL and Temporal, plain variables, no supervisor.
 *
 * @inOrder Each test goes on with what the one before it left.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { constants } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { version } from '../../../telemetry/version.ts';
import { canStartFirst, startBare, startFirst, type BareProcess } from '../../support/processes/bare-process.ts';
import { freePort } from '../../support/servers/free-port.ts';
import { createOrganization, subscribeCustomers } from '../../support/organization-client.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';
import { testTemporal } from '../../support/servers/test-temporal.ts';
import { until } from '../../support/until.ts';
import { workflowBundleFile } from '../../support/workflow-bundle-file.ts';

const ADMIN_KEY = 'an-operator-key-for-tests';
const DURABILL_SECRET_KEY = 'a-secret-key-of-at-least-32-characters';

describe('with everything there', () => {
  let database: TestDatabase;
  let api: BareProcess;
  let worker: BareProcess;
  let url: string;
  let workerUrl: string;

  const text = async (address: string): Promise<string> => (await fetch(address)).text();

  beforeAll(async () => {
    const [{ address, namespace }, port, metricsPort] = await Promise.all([testTemporal(), freePort(), freePort()]);
    database = await testDatabase({ migrated: false });
    url = `http://127.0.0.1:${port}`;
    workerUrl = `http://127.0.0.1:${metricsPort}`;
    const environment = {
      DATABASE_URL: database.databaseUrl,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      DURABILL_TASK_QUEUE_PREFIX: `bare-${port}-`,
      DURABILL_ADMIN_KEY: ADMIN_KEY,
      DURABILL_SECRET_KEY,
      // As in the image.
      DURABILL_WORKFLOW_BUNDLE: await workflowBundleFile(),
    };
    const migration = startBare('scripts/migrate.ts', environment);
    if ((await migration.ended) !== 0) throw new Error(migration.output());
    api = startBare('api/main.ts', { ...environment, PORT: String(port) });
    worker = startBare('worker/main.ts', {
      ...environment,
      DURABILL_METRICS_PORT: String(metricsPort),
      LOG_LEVEL: 'debug',
    });
    await Promise.all([api.logs('ready'), worker.logs('ready')]);
  });
  afterAll(async () => {
    api.signal('SIGKILL');
    worker.signal('SIGKILL');
    await Promise.all([api.ended, worker.ended]);
    await database.drop();
  });

  test('both say that they are well, and which version they are', async () => {
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.json()]).toEqual([200, { version, github_url: null, message: 'Success' }]);
    for (const address of [url, workerUrl]) {
      // Once Temporal has seen the worker ask for tasks.
      await until(async () => (await text(`${address}/ready`)) === '{"status":"ok"}', `${address} has no warnings`);
    }
  });

  test('the docs page and everything on it comes from here', async () => {
    const page = await text(`${url}/docs`);
    const named = [...page.matchAll(/(?:href|src|url)[=:]\s*["']([^"']+)["']/g)].map(([, address = '']) => address);
    expect(named.toSorted()).toEqual(['docs/swagger-ui-bundle.js', 'docs/swagger-ui.css', 'openapi.json']);
    for (const address of named) expect((await fetch(new URL(address, `${url}/docs`))).status).toBe(200);
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as { info: object; paths: object };
    expect(document.info).toMatchObject({ title: 'durabill', version });
    expect(Object.keys(document.paths).length).toBeGreaterThan(10);
  });

  test('a month is billed, and both show it in their figures and their logs, by ids', async () => {
    const organization = await createOrganization({ url, adminKey: ADMIN_KEY });
    const clock = { frozen_time: '2024-01-01T00:00:00Z', mode: 'jump' };
    await organization.ok('PUT', '/test_clock', { test_clock: clock });
    await subscribeCustomers(organization, 2);
    await organization.settled();
    await organization.ok('PUT', '/test_clock', {
      test_clock: { frozen_time: '2024-02-02T00:00:00Z', mode: 'advance' },
    });
    await organization.settled();
    expect((await organization.request('GET', '/customers/nobody')).status).toBe(404);
    await fetch(`${url}/nothing/at/${organization.organizationId}`);

    // The figures of the database are at most five seconds old.
    await until(
      async () => (await text(`${url}/metrics`)).includes('durabill_invoices_numbered 2'),
      'the invoices are counted',
    );
    const figures = await text(`${url}/metrics`);
    for (const line of [
      'durabill_database_up 1',
      'durabill_acts{kind="period",state="waiting"} 2',
      'durabill_acts_overdue 0',
      'durabill_subscriptions_active 2',
      'durabill_http_requests_total{method="POST",route="/api/v1/subscriptions",status="200"} 2',
      'durabill_http_requests_total{method="GET",route="/api/v1/customers/:external_id",status="404"} 1',
      'durabill_http_requests_total{method="GET",route="none",status="404"} 1',
      'durabill_database_pool_connections{pool="main",state="maximum"} 20',
    ]) {
      expect(figures.split('\n')).toContain(line);
    }
    expect(figures).toMatch(/^durabill_http_request_duration_seconds_bucket\{/m);
    expect(figures).toMatch(/^process_cpu_seconds_total /m);
    for (const id of [organization.organizationId, 'c0', 's0', 'nobody']) expect(figures).not.toContain(`"${id}"`);

    const workerFigures = await text(`${workerUrl}/metrics`);
    expect(workerFigures).toMatch(/^durabill_act_starts_total\{kind="period",outcome="started"\} [1-9]/m);
    expect(workerFigures).toMatch(/^durabill_watchdog_healed_acts_total 0$/m);
    expect(workerFigures).toMatch(/^temporal_workflow_completed\{.*workflow_type="period"/m);

    const line = api.lines().find(({ route, status }) => route === '/api/v1/subscriptions' && status === 200);
    expect(line).toEqual({
      level: 'info',
      time: expect.any(String),
      role: 'api',
      msg: 'request',
      method: 'POST',
      route: '/api/v1/subscriptions',
      status: 200,
      ms: expect.any(Number),
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      organization_id: organization.organizationId,
      trace_id: '0'.repeat(32),
      span_id: '0'.repeat(16),
    });
    const billing = worker.lines().filter(({ activity }) => activity === 'billPeriod');
    expect(billing.length).toBeGreaterThan(0);
    for (const activity of billing) {
      expect(activity).toMatchObject({
        workflow_id: expect.stringMatching(/^period\//),
        run_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        trace_id: '0'.repeat(32),
        span_id: '0'.repeat(16),
      });
    }
    // Neither machines that look every second nor the names of customers fill the log.
    expect(api.lines().filter(({ route }) => route === '/metrics' || route === '/ready')).toEqual([]);
    for (const secret of [ADMIN_KEY, DURABILL_SECRET_KEY, organization.apiKey, 'nobody']) {
      expect(api.output() + worker.output()).not.toContain(secret);
    }
  });

  test('a worker that finds its metrics port taken says so', async () => {
    const { port } = new URL(workerUrl);
    const second = startBare('worker/main.ts', {
      DATABASE_URL: database.databaseUrl,
      DURABILL_SECRET_KEY,
      DURABILL_METRICS_PORT: port,
    });
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(
      `DURABILL_METRICS_PORT is "${port}", but nothing can listen on 127.0.0.1:${port} (EADDRINUSE)`,
    );
  });

  test('SIGTERM ends both with exit code 0', async () => {
    api.signal('SIGTERM');
    worker.signal('SIGTERM');
    expect(await Promise.all([api.ended, worker.ended])).toEqual([0, 0]);
    expect([api.lines().at(-1)?.['msg'], worker.lines().at(-1)?.['msg']]).toEqual(['stopped', 'stopped']);
  });
});

describe('what is missing or wrong is said in one sentence', () => {
  const DATABASE_URL = 'postgres://a:secret@127.0.0.1:9/c';
  test.each<[program: string, environment: Record<string, string>, sentence: string]>([
    [
      'api/main.ts',
      {},
      'durabill api: DATABASE_URL is not set: it must be a URL such as postgres://user:password@host:5432/database. (`npm start` sets it by itself.)\n  DURABILL_SECRET_KEY is not set: it must be the key that seals stored secrets, at least 32 characters long. (`npm start` sets it by itself.)\n  DURABILL_ADMIN_KEY is not set: it must be the key of /admin/*, at least 16 characters long. (`npm start` sets it by itself.)',
    ],
    [
      'api/main.ts',
      { DATABASE_URL, DURABILL_SECRET_KEY, DURABILL_ADMIN_KEY: 'short' },
      'durabill api: DURABILL_ADMIN_KEY must be at least 16',
    ],
    [
      'worker/main.ts',
      { DATABASE_URL: 'mysql://a:secret@b/c', DURABILL_SECRET_KEY },
      'durabill worker: DATABASE_URL must be a URL such as postgres://',
    ],
    [
      'worker/main.ts',
      { DATABASE_URL, DURABILL_SECRET_KEY, DATABASE_POOL: '10' },
      'durabill worker: DATABASE_POOL is "10"; the worker does 35 activities at once and needs 2 connections beside them: it must be at least 37.',
    ],
    [
      'worker/main.ts',
      { DATABASE_URL, DURABILL_SECRET_KEY, DURABILL_QUEUES: 'billing,slow' },
      'durabill worker: DURABILL_QUEUES is "billing,slow"; it must be some of urgent, billing, exports, bulk and webhooks',
    ],
    [
      'worker/main.ts',
      { DATABASE_URL, DURABILL_SECRET_KEY, LOG_LEVEL: 'loud' },
      'LOG_LEVEL is "loud"; it must be "trace", "debug", "info", "warn", "error", "fatal" or "silent".',
    ],
    [
      'worker/main.ts',
      { DATABASE_URL, DURABILL_SECRET_KEY, DURABILL_TAKEOVER_SECONDS: '0' },
      'DURABILL_TAKEOVER_SECONDS is "0"; it must be a whole number from 1 to 60.',
    ],
    [
      'worker/main.ts',
      { DATABASE_URL, DURABILL_SECRET_KEY, TEMPORAL_ADDRESS: '127.0.0.1:9' },
      'durabill worker: No PostgreSQL answers at 127.0.0.1:9: start it there, or correct DATABASE_URL.',
    ],
    [
      'worker/main.ts',
      { DATABASE_URL, DURABILL_SECRET_KEY, DURABILL_WORKFLOW_BUNDLE: 'nowhere.js' },
      'DURABILL_WORKFLOW_BUNDLE is "nowhere.js", but nowhere.js is not there',
    ],
    ['scripts/migrate.ts', {}, '✗ DATABASE_URL is not set'],
    ['scripts/migrate.ts', { DATABASE_URL }, '✗ No PostgreSQL answers at 127.0.0.1:9'],
  ])('%s %j', async (program, environment, sentence) => {
    const bare = startBare(program, environment);
    expect(await bare.ended).toBe(1);
    expect(bare.output()).toContain(sentence);
    expect(bare.output()).not.toContain('secret@');
  });

  test.each(['api/main.ts', 'worker/main.ts'])('%s on a database that nobody has migrated', async (program) => {
    const [database, temporal] = await Promise.all([testDatabase({ migrated: false }), testTemporal()]);
    const bare = startBare(program, {
      DATABASE_URL: database.databaseUrl,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      DURABILL_ADMIN_KEY: ADMIN_KEY,
      DURABILL_SECRET_KEY,
    });
    expect(await bare.ended).toBe(1);
    await database.drop();
    expect(bare.output()).toMatch(/The database lacks \d+ migration\(s\) .*: run `npm run migrate` before/);
  });

  test('older ones on a newer database, and a role without rights: each refuses with the sentence', async () => {
    const [database, temporal] = await Promise.all([testDatabase(), testTemporal()]);
    const environment = {
      DATABASE_URL: database.databaseUrl,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      DURABILL_ADMIN_KEY: ADMIN_KEY,
      DURABILL_SECRET_KEY,
    };
    const owner = new Client({ connectionString: database.databaseUrl });
    await owner.connect();
    await owner.query(`insert into mikro_orm_migrations (name, executed_at) values ('Migration2999Later', now())`);
    const newer =
      /The database is newer than this version of durabill \(it has Migration2999Later\): start the version that made it/;
    for (const [program, exitCode] of [
      ['api/main.ts', 1],
      ['worker/main.ts', 1],
      ['scripts/migrate.ts', 1],
      ['scripts/audit.ts', 2],
    ] as const) {
      const bare = startBare(program, environment);
      expect([program, await bare.ended, bare.output()]).toEqual([program, exitCode, expect.stringMatching(newer)]);
    }
    await owner.query(`delete from mikro_orm_migrations where name = 'Migration2999Later'`);
    const role = `clerk_${process.pid}`;
    await owner.query(`create role ${role} login`);
    await owner.query(`grant select, insert, update on all tables in schema public to ${role}`);
    const asClerk = new URL(database.databaseUrl);
    asClerk.username = role;
    for (const program of ['api/main.ts', 'worker/main.ts']) {
      const bare = startBare(program, { ...environment, DATABASE_URL: asClerk.href });
      expect([program, await bare.ended]).toEqual([program, 1]);
      expect(bare.output()).toMatch(
        new RegExp(
          `The role ${role} of DATABASE_URL may not delete in the table acts and \\d+ others .*run .grant delete`,
        ),
      );
    }
    await owner.end();
    await database.drop();
    const again = await testDatabase({ migrated: false });
    const cleaner = new Client({ connectionString: again.databaseUrl });
    await cleaner.connect();
    await cleaner.query(`drop role ${role}`);
    await cleaner.end();
    await again.drop();
  });

  test('an API whose database was away at its start refuses a newer one as soon as it answers', async () => {
    const database = await testDatabase();
    const away = await freePort();
    const url = new URL(database.databaseUrl);
    const [host, port] = [url.hostname, Number(url.port)];
    url.port = String(away);
    const bare = startBare('api/main.ts', {
      DATABASE_URL: url.href,
      DURABILL_ADMIN_KEY: ADMIN_KEY,
      DURABILL_SECRET_KEY,
      PORT: '0',
    });
    await bare.logs('the database does not answer yet');
    await bare.logs('ready');
    const owner = new Client({ connectionString: database.databaseUrl });
    await owner.connect();
    await owner.query(`insert into mikro_orm_migrations (name, executed_at) values ('Migration2999Later', now())`);
    await owner.end();
    const way = createServer((socket) => {
      const server = connect(port, host);
      for (const side of [socket, server]) side.on('error', () => undefined);
      socket.pipe(server).pipe(socket);
    }).listen(away, '127.0.0.1');
    expect(await bare.ended).toBe(1);
    expect(bare.output()).toContain('durabill api: The database is newer than this version of durabill');
    way.close();
    await database.drop();
  });
});

if (canStartFirst()) {
  describe('as the first process of a container without an init', () => {
    test('SIGTERM ends the API with exit code 0', async () => {
      const database = await testDatabase();
      const api = startFirst('api/main.ts', {
        DATABASE_URL: database.databaseUrl,
        DURABILL_ADMIN_KEY: ADMIN_KEY,
        DURABILL_SECRET_KEY,
        PORT: '0',
      });
      await api.logs('ready');
      api.signal('SIGTERM');
      expect(await api.ended).toBe(0);
      expect(api.lines().at(-1)?.['msg']).toBe('stopped');
      await database.drop();
    });

    test.each(['api/main.ts', 'worker/main.ts'])('and %s at once while it still starts', async (program) => {
      const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
      const asked = once(silent, 'connection');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      const starting = startFirst(program, {
        DATABASE_URL: `postgres://a@127.0.0.1:${port}/c`,
        DURABILL_ADMIN_KEY: ADMIN_KEY,
        DURABILL_SECRET_KEY,
      });
      await asked;
      starting.signal('SIGTERM');
      expect(await starting.ended).toBe(128 + constants.signals.SIGTERM);
      silent.close();
    });
  });
}
