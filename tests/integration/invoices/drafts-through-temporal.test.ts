// Drafts with a real worker and a real Temporal: requests that join one run, refreshes that wait for a worker, and what
// a request does when no workflow answers (spec, subscriptions-and-invoices 6.6; S045).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { Client as Database } from 'pg';
import { createOrganization, type ApiAnswer, type OrganizationClient } from '../../support/organization-client.ts';
import { runningDurabill, type RunningDurabill } from '../../support/processes/running-durabill.ts';
import { testTemporal } from '../../support/servers/test-temporal.ts';
import { until } from '../../support/until.ts';

let durabill: RunningDurabill;
let connection: Connection;
let client: Client;
let database: Database;
let organization: OrganizationClient;

beforeAll(async () => {
  durabill = await runningDurabill();
  const { address, namespace } = await testTemporal();
  connection = await Connection.connect({ address });
  client = new Client({ connection, namespace });
  database = new Database({ connectionString: durabill.databaseUrl });
  await database.connect();
}, 120_000);

beforeEach(async () => {
  organization = await createOrganization(durabill, { document_number_prefix: 'ORG-1' });
  await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-03-05T08:00:00Z', mode: 'jump' } });
});

afterAll(async () => {
  await database.end();
  await connection.close();
  await durabill.stop();
}, 60_000);

/** A draft of 31.00 whose workflow waits. @returns its id. */
async function draft(): Promise<string> {
  await organization.ok('POST', '/plans', {
    plan: {
      name: 'Plan',
      code: 'p',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: true,
    },
  });
  await organization.ok('POST', '/customers', {
    customer: { external_id: 'c', billing_configuration: { invoice_grace_period: 10 } },
  });
  await organization.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c', external_id: 's', plan_code: 'p', billing_time: 'anniversary' },
  });
  await until(async () => (await stateOf('finalize')) === 'waiting', 'the draft waits');
  return (await organization.ok('GET', '/invoices')).invoices[0].lago_id;
}

const acts = async (kind: string): Promise<{ id: string; state: string }[]> =>
  (
    await database.query('select id, state from acts where organization_id = $1 and kind = $2 order by id', [
      organization.organizationId,
      kind,
    ])
  ).rows as { id: string; state: string }[];
const stateOf = async (kind: string) => (await acts(kind))[0]?.state;

const runsOf = async (workflowId: string): Promise<string[]> => {
  const ids: string[] = [];
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) ids.push(runId);
  return ids;
};

const written = async (type: string): Promise<number> => {
  const { rows } = await database.query(
    `select count(*)::int as count from webhooks where organization_id = $1 and webhook_type = $2`,
    [organization.organizationId, type],
  );
  return (rows[0] as { count: number }).count;
};

test('200 equal requests to finalize join one run, and each is answered the one finalized invoice', async () => {
  await organization.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: 'http://nobody.invalid/' } });
  const id = await draft();
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => organization.request('PUT', `/invoices/${id}/finalize`)),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const bodies = new Set(answers.map(({ body }: ApiAnswer) => JSON.stringify(body)));
  expect(bodies.size).toBe(1);
  expect(answers[0]?.body.invoice).toMatchObject({ status: 'finalized', number: 'ORG-1-001-001', sequential_id: 1 });
  expect(new Set(answers.map(({ headers }) => headers.get('durabill-workflow-id')))).toEqual(
    new Set([`finalize/${id}`]),
  );
  await organization.settled();
  expect(await stateOf('finalize')).toBe('done');
  const handle = client.workflow.getHandle(`finalize/${id}`);
  expect(await handle.result()).toEqual({ outcome: 'finalized' });
  await until(async () => (await runsOf(`finalize/${id}`)).length > 0, 'Temporal lists the run');
  expect(await runsOf(`finalize/${id}`)).toHaveLength(1);
  expect(await written('invoice.created')).toBe(1);
  // One that comes after all of them is late.
  expect((await organization.request('PUT', `/invoices/${id}/finalize`)).status).toBe(404);
}, 60_000);

test('a draft is made final by the clock, after what else is due', async () => {
  const id = await draft();
  await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-03-15T00:00:00Z', mode: 'advance' } });
  await organization.settled();
  expect((await organization.ok('GET', `/invoices/${id}`)).invoice).toMatchObject({
    status: 'finalized',
    issuing_date: '2023-03-15',
  });
  expect(await client.workflow.getHandle(`finalize/${id}`).result()).toEqual({ outcome: 'finalized' });
}, 60_000);

test('a deleted draft leaves no workflow behind', async () => {
  const id = await draft();
  await organization.ok('DELETE', `/invoices/${id}`);
  expect(await client.workflow.getHandle(`finalize/${id}`).result()).toEqual({ outcome: 'already_done' });
  await organization.settled();
  expect(await stateOf('finalize')).toBe('done');
}, 60_000);

describe('while no worker runs', () => {
  test('ten changes of a plan leave one refresh open, which does it once the worker is back', async () => {
    const id = await draft();
    await durabill.kill('worker');
    for (let amount = 1; amount <= 10; amount++) {
      await organization.ok('PUT', '/plans/p', { plan: { amount_cents: 3100 + amount } });
    }
    expect(await acts('refresh')).toEqual([{ id: `refresh/${id}`, state: 'wanted' }]);
    expect((await organization.ok('GET', `/invoices/${id}`)).invoice.total_amount_cents).toBe(3100);
    await durabill.restart('worker');
    await organization.settled();
    expect((await organization.ok('GET', `/invoices/${id}`)).invoice.total_amount_cents).toBe(3110);
    expect(await runsOf(`refresh/${id}`)).toHaveLength(1);
  }, 120_000);

  test('a request refreshes and finalizes by itself, and the workflow finds it done', async () => {
    const id = await draft();
    await durabill.kill('worker');
    await organization.ok('PUT', '/plans/p', { plan: { amount_cents: 4100 } });
    expect((await organization.ok('PUT', `/invoices/${id}/refresh`)).invoice.total_amount_cents).toBe(4100);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => organization.request('PUT', `/invoices/${id}/finalize`)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers[0]?.body.invoice).toMatchObject({ status: 'finalized', number: 'ORG-1-001-001' });
    expect(await stateOf('finalize')).toBe('done');
    await durabill.restart('worker');
    expect(await client.workflow.getHandle(`finalize/${id}`).result()).toEqual({ outcome: 'already_done' });
    const { rows } = await database.query(
      `select count(*)::int as count from invoices where organization_id = $1 and sequential_id is not null`,
      [organization.organizationId],
    );
    expect(rows).toEqual([{ count: 1 }]);
  }, 120_000);
});
