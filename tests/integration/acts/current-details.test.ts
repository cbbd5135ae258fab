// What a waiting workflow shows in the Temporal UI: which duty it waits for, and until when, without an event in its
// history.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { Client as Database } from 'pg';
import { createOrganization, type OrganizationClient } from '../../support/organization-client.ts';
import { runningDurabill, type RunningDurabill } from '../../support/processes/running-durabill.ts';
import { testTemporal } from '../../support/servers/test-temporal.ts';
import { until } from '../../support/until.ts';

let durabill: RunningDurabill;
let connection: Connection;
let client: Client;
let database: Database;

beforeAll(async () => {
  durabill = await runningDurabill();
  const { address, namespace } = await testTemporal();
  connection = await Connection.connect({ address });
  client = new Client({ connection, namespace });
  database = new Database({ connectionString: durabill.databaseUrl });
  await database.connect();
}, 120_000);

afterAll(async () => {
  await database.end();
  await connection.close();
  await durabill.stop();
}, 60_000);

interface OpenAct {
  readonly id: string;
  readonly dueAt: string;
}

/** An organization's act of a kind once it waits. */
async function waiting({ organizationId }: OrganizationClient, kind: string): Promise<OpenAct> {
  const found = async (): Promise<OpenAct | undefined> => {
    const { rows } = await database.query<{ id: string; due: Date }>(
      `select id, due_at as due from acts where organization_id = $1 and kind = $2 and state = 'waiting'`,
      [organizationId, kind],
    );
    const [row] = rows;
    return row && { id: row.id, dueAt: row.due.toISOString() };
  };
  let act: OpenAct | undefined;
  await until(async () => (act = await found()) !== undefined, `the ${kind} waits`);
  return act!;
}

/** The details that the UI asks for. */
const detailsOf = async (id: string): Promise<string> =>
  (await client.workflow.getHandle(id).query<{ currentDetails: string }>('__temporal_workflow_metadata'))
    .currentDetails;

/** What it shows once it has come to wait for that, else when the time is up. */
async function shown(id: string, details: string): Promise<string> {
  await until(async () => (await detailsOf(id)) === details, `${id} shows: ${details}`).catch(() => undefined);
  return detailsOf(id);
}

const eventsOf = async (id: string): Promise<number> =>
  (await client.workflow.getHandle(id).fetchHistory()).events?.length ?? 0;

async function subscribe({ ok }: OrganizationClient, plan: object, subscription: object = {}): Promise<void> {
  await ok('POST', '/plans', {
    plan: { name: 'P', code: 'p', interval: 'monthly', amount_cents: 3100, amount_currency: 'EUR', ...plan },
  });
  await ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c', external_id: 's', plan_code: 'p', ...subscription },
  });
}

test('a live period shows its duty and the moment of its timer, and after a change of time zone the new one', async () => {
  const live = await createOrganization(durabill, { test_mode: false });
  await subscribe(live, { pay_in_advance: false });
  const { id, dueAt } = await waiting(live, 'period');
  expect(await shown(id, `Waits for the day that bills the period, until ${dueAt}`)).toBe(
    `Waits for the day that bills the period, until ${dueAt}`,
  );
  // Started, the task's three, and the timer: a query adds nothing.
  expect(await eventsOf(id)).toBe(5);
  await live.ok('PUT', '/organizations', { organization: { timezone: 'Asia/Tokyo' } });
  await until(async () => (await waiting(live, 'period')).dueAt < dueAt, 'the period is due earlier');
  const moved = await waiting(live, 'period');
  expect(moved.id).toBe(id);
  expect(await shown(id, `Waits for the day that bills the period, until ${moved.dueAt}`)).toBe(
    `Waits for the day that bills the period, until ${moved.dueAt}`,
  );
}, 60_000);

test('a period under a test clock shows the end of a trial, and the billing day once the trial has ended', async () => {
  const tested = await createOrganization(durabill);
  const clock = (frozen_time: string, mode: string) =>
    tested.ok('PUT', '/test_clock', { test_clock: { frozen_time, mode } });
  await clock('2023-01-01T00:00:00Z', 'jump');
  await subscribe(tested, { pay_in_advance: true, trial_period: 10 });
  const { id } = await waiting(tested, 'period');
  expect(await shown(id, 'Waits for the end of the trial, until 2023-01-11T00:00:00.000Z of the test clock')).toBe(
    'Waits for the end of the trial, until 2023-01-11T00:00:00.000Z of the test clock',
  );
  await clock('2023-01-15T00:00:00Z', 'advance');
  await tested.settled();
  expect(
    await shown(id, 'Waits for the day that bills the period, until 2023-02-01T00:00:00.000Z of the test clock'),
  ).toBe('Waits for the day that bills the period, until 2023-02-01T00:00:00.000Z of the test clock');
}, 60_000);

test('so do a coming start and a draft', async () => {
  const tested = await createOrganization(durabill);
  await tested.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-01T00:00:00Z', mode: 'jump' } });
  await tested.ok('POST', '/customers', {
    customer: { external_id: 'c', billing_configuration: { invoice_grace_period: 3 } },
  });
  await subscribe(tested, { pay_in_advance: true }, { subscription_at: '2023-01-10T00:00:00Z' });
  const start = await waiting(tested, 'activate');
  expect(
    await shown(
      start.id,
      'Waits for the first day of the subscription, until 2023-01-10T00:00:00.000Z of the test clock',
    ),
  ).toBe('Waits for the first day of the subscription, until 2023-01-10T00:00:00.000Z of the test clock');
  await tested.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-11T00:00:00Z', mode: 'advance' } });
  await tested.settled();
  const draft = await waiting(tested, 'finalize');
  expect(
    await shown(draft.id, 'Waits for the end of the grace period, until 2023-01-13T00:00:00.000Z of the test clock'),
  ).toBe('Waits for the end of the grace period, until 2023-01-13T00:00:00.000Z of the test clock');
}, 60_000);
