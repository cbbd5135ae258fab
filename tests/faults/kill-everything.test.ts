/**
 * @inOrder Each test goes on with what the one before it left.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { billingTruth } from '../support/billing-truth.ts';
import { createOrganization, subscribeCustomers, type OrganizationClient } from '../support/organization-client.ts';
import { supervisedDurabill, type SupervisedDurabill } from '../support/processes/supervised-durabill.ts';
import { until } from '../support/until.ts';

const SUBSCRIPTIONS = 100;

let durabill: SupervisedDurabill;
let organization: OrganizationClient;

/** Every month so far was billed once: 31.00 for each subscription and month. */
const billedMonths = (months: number) => ({
  finalized: months * SUBSCRIPTIONS,
  doubled: 0,
  unfinished: 0,
  holes: 0,
  failedActs: 0,
  withoutOpenPeriod: 0,
  totalAmountCents: months * SUBSCRIPTIONS * 3100,
});

const truth = () => billingTruth(durabill.databaseUrl(), organization.organizationId);

const advance = (to: string) =>
  organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: to, mode: 'advance' } });

async function invoices(): Promise<number> {
  const client = new Client({ connectionString: durabill.databaseUrl() });
  try {
    await client.connect();
    const { rows } = await client.query('select count(*)::int as count from invoices');
    return rows[0].count;
  } catch {
    return 0;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const someOf = (month: number) =>
  until(async () => (await invoices()) > (month - 1) * SUBSCRIPTIONS + 5, 'some invoices of the month are there');

beforeAll(async () => {
  durabill = await supervisedDurabill({ DURABILL_TAKEOVER_SECONDS: '2' });
  await durabill.start();
  organization = await createOrganization(durabill);
  await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-01T00:00:00Z', mode: 'jump' } });
  await subscribeCustomers(organization, SUBSCRIPTIONS);
  await organization.settled();
}, 180_000);
afterAll(() => durabill.stop(), 60_000);

test('kill -9 of everything, and a start: goes on by itself, each period billed once', async () => {
  await advance('2023-02-01T12:00:00Z');
  await someOf(1);
  await durabill.killAll();
  await durabill.start();
  await organization.settled(90_000);
  expect(await truth()).toEqual(billedMonths(1));
}, 180_000);

test('kill -9 of PostgreSQL, then of Temporal, then of the API, is healed without a hand', async () => {
  await advance('2023-03-01T12:00:00Z');
  for (const part of ['postgres', 'temporal', 'api'] as const) durabill.kill(part);
  await organization.settled(90_000);
  expect(await truth()).toEqual(billedMonths(2));
}, 180_000);

test("Temporal's store deleted while periods run: PostgreSQL is enough to bill all of them once", async () => {
  await advance('2023-04-01T12:00:00Z');
  await someOf(3);
  await durabill.killAll();
  durabill.deleteTemporalStore();
  await durabill.start();
  await organization.settled(90_000);
  expect(await truth()).toEqual(billedMonths(3));
  // The periods that run now are workflows of the new store.
  await advance('2023-05-01T12:00:00Z');
  await organization.settled(90_000);
  expect(await truth()).toEqual(billedMonths(4));
}, 240_000);

test("kill -9 of the worker and the API while every period sleeps, Temporal's store deleted then: each is woken once", async () => {
  for (const part of ['worker', 'api'] as const) durabill.kill(part);
  await organization.settled(90_000);
  await durabill.killAll();
  durabill.deleteTemporalStore();
  await durabill.start();
  // While they start anew.
  await advance('2023-06-01T12:00:00Z');
  await organization.settled(90_000);
  expect(await truth()).toEqual(billedMonths(5));
}, 240_000);
