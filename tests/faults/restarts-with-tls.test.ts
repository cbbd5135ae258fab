/**
 * PostgreSQL over TLS with a password, Temporal over TLS, both killed under load and started again (S108).
 *
 * @inOrder One installation's months.
 */
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../scripts/up/embedded-postgres.ts';
import { killHard, waitForEnd } from '../../scripts/up/process-status.ts';
import { migrate } from '../../db/migrate.ts';
import { startEmbeddedTemporal, type EmbeddedTemporal } from '../../scripts/up/embedded-temporal.ts';
import { billingTruth } from '../support/billing-truth.ts';
import { makeCertificate } from '../support/servers/certificate.ts';
import { createOrganization, subscribeCustomers, type OrganizationClient } from '../support/organization-client.ts';
import { recordProcess } from '../support/processes/process-record.ts';
import { runFolder } from '../support/processes/run-folder.ts';
import { runningDurabill, type RunningDurabill } from '../support/processes/running-durabill.ts';
import { sealPostgres, sealedUrl } from '../support/servers/tls-postgres.ts';
import { startTlsProxy, type TlsProxy } from '../support/servers/tls-proxy.ts';
import { until } from '../support/until.ts';

const SUBSCRIPTIONS = 12;

const dataDirectory = mkdtempSync(join(runFolder(), 'tls-'));
let postgres: EmbeddedPostgres;
let temporal: EmbeddedTemporal;
/** Where they were before, and have to be again. */
let ports: { readonly postgres?: number; readonly temporal?: EmbeddedTemporal['ports'] } = {};
let proxy: TlsProxy;
let durabill: RunningDurabill;
let organization: OrganizationClient;

const startPostgres = async (): Promise<void> => {
  postgres = await startEmbeddedPostgres({ dataDirectory, ...(ports.postgres && { port: ports.postgres }) });
  ports = { ...ports, postgres: postgres.port };
  recordProcess(runFolder(), postgres.pid);
};
const startTemporal = async (): Promise<void> => {
  temporal = await startEmbeddedTemporal({ dataDirectory, ...(ports.temporal && { ports: ports.temporal }) });
  ports = { ...ports, temporal: temporal.ports };
  recordProcess(runFolder(), temporal.pid);
};

const asOwner = async (statement: string): Promise<Record<string, unknown>[]> => {
  const client = new Client({ connectionString: postgres.databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
};

beforeAll(async () => {
  chmodSync(dataDirectory, 0o755);
  await Promise.all([startPostgres(), startTemporal()]);
  const certificate = makeCertificate(mkdtempSync(join(runFolder(), 'certificate-')));
  await sealPostgres(postgres.adminUrl, certificate);
  await migrate(postgres.databaseUrl);
  await asOwner('grant select, insert, update, delete on all tables in schema public to sealed');
  proxy = await startTlsProxy(temporal.address, certificate);
  durabill = await runningDurabill({
    environment: {
      DATABASE_URL: sealedUrl(postgres.databaseUrl, 'sealed', certificate),
      TEMPORAL_ADDRESS: proxy.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificate.certificateFile,
    },
  });
  organization = await createOrganization(durabill);
  await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-01T00:00:00Z', mode: 'jump' } });
  await subscribeCustomers(organization, SUBSCRIPTIONS);
  await organization.settled();
});
afterAll(async () => {
  await durabill.stop();
  await proxy.close();
  await Promise.all([postgres.stop(), temporal.stop()]);
});

const billed = (months: number) => ({
  finalized: months * SUBSCRIPTIONS,
  doubled: 0,
  unfinished: 0,
  holes: 0,
  failedActs: 0,
  withoutOpenPeriod: 0,
  totalAmountCents: months * SUBSCRIPTIONS * 3100,
});

const invoices = async (): Promise<number> => Number((await asOwner('select count(*) from invoices'))[0]?.['count']);

/** Holds up one customer's billing, so that the month is not over when a server ends. @returns what lets it go. */
const holdCustomer = async (): Promise<() => Promise<void>> => {
  const client = new Client({ connectionString: postgres.databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`select pg_advisory_lock(hashtextextended(id::text, 0)) from customers where external_id = 'c0'`);
  return () => client.end().catch(() => undefined);
};

/** Reads and writes until told to end. */
const requests = () => {
  const statuses = new Set<number>();
  const taken: string[] = [];
  let over = false;
  const ask = async (): Promise<void> => {
    while (!over) {
      statuses.add((await organization.request('GET', '/customers')).status);
      const transaction_id = randomUUID();
      const event = { transaction_id, external_subscription_id: 's1', code: 'seen' };
      const { status } = await organization.request('POST', '/events', { event });
      statuses.add(status);
      if (status === 200) taken.push(transaction_id);
    }
  };
  const asked = ask();
  return {
    statuses,
    end: async (): Promise<readonly string[]> => {
      over = true;
      await asked;
      return taken;
    },
  };
};

test('both processes speak TLS to PostgreSQL', async () => {
  const connections = () =>
    asOwner(
      `select distinct application_name as name, ssl from pg_stat_ssl join pg_stat_activity using (pid)
       where usename = 'sealed' and application_name in ('durabill api', 'durabill worker') order by 1`,
    );
  let found: Record<string, unknown>[] = [];
  // Idle connections are closed, and opened again for the next work.
  await until(async () => {
    await organization.request('GET', '/customers');
    found = await connections();
    return found.length >= 2;
  }, 'both are connected');
  expect(found).toEqual(['durabill api', 'durabill worker'].map((name) => ({ name, ssl: true })));
});

test.each([
  ['PostgreSQL', '2023-02-01T12:00:00Z', 1],
  ['Temporal', '2023-03-01T12:00:00Z', 2],
] as const)('kill -9 of %s while a month is billed: 503 at most, and each period once', async (which, to, months) => {
  const letGo = await holdCustomer();
  const asking = requests();
  let taken: readonly string[] = [];
  try {
    await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: to, mode: 'advance' } });
    await until(async () => (await invoices()) > (months - 1) * SUBSCRIPTIONS, 'the month is being billed');
    const { identity } = which === 'PostgreSQL' ? postgres : temporal;
    killHard(identity);
    expect(await waitForEnd(identity, 10_000)).toBe(true);
    if (which === 'PostgreSQL') {
      await until(() => asking.statuses.has(503), 'requests are answered with 503');
      await startPostgres();
    } else {
      // Its workflow is started when there is a Temporal again.
      const late = { external_customer_id: 'c1', external_id: 'late', plan_code: 'monthly' };
      await organization.ok('POST', '/subscriptions', { subscription: late });
      await startTemporal();
    }
    await letGo();
    await organization.settled(120_000);
  } finally {
    await letGo();
    taken = await asking.end();
  }
  expect([...asking.statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect((await organization.request('GET', '/customers')).status).toBe(200);
  const stored = (await asOwner('select transaction_id from events')).map((event) => event['transaction_id']);
  expect(taken.length).toBeGreaterThan(0);
  expect(taken.filter((id) => stored.filter((other) => other === id).length !== 1)).toEqual([]);
  expect(await billingTruth(postgres.databaseUrl, organization.organizationId)).toEqual(billed(months));
});
