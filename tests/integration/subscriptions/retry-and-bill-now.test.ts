import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { billNow } from '../../../activities/subscriptions/bill-now.ts';
import { billPeriod } from '../../../activities/subscriptions/bill-period.ts';
import { scopedTo } from '../../../db/orm.ts';
import { sql } from '../../../db/sql.ts';
import { billingFixture, fixtureDatabase } from '../../support/billing-fixture.ts';
import { createOrganization, type OrganizationClient } from '../../support/organization-client.ts';
import { runningDurabill, type RunningDurabill } from '../../support/processes/running-durabill.ts';

describe('with the real worker', () => {
  let durabill: RunningDurabill;
  let client: Client;

  beforeAll(async () => {
    durabill = await runningDurabill();
    client = new Client({ connectionString: durabill.databaseUrl });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await durabill.stop();
  });

  const rows = async (text: string, parameters: unknown[]): Promise<any[]> =>
    (await client.query(text, parameters)).rows;
  const workflows = async (organization: OrganizationClient, query: string): Promise<any[]> =>
    (await organization.ok('GET', `/workflows?${query}`)).workflows;
  const invoicesOf = ({ organizationId }: OrganizationClient) =>
    rows('select id, status, total_amount_cents::int as total from invoices where organization_id = $1', [
      organizationId,
    ]);

  /** A customer with two subscriptions of 31.00 plus 1.00 a call, on 1 January 2023. */
  async function subscribed(): Promise<OrganizationClient> {
    const organization = await createOrganization(durabill);
    const jump = { test_clock: { frozen_time: '2023-01-01T00:00:00Z', mode: 'jump' } };
    await organization.ok('PUT', '/test_clock', jump);
    const metric = await organization.ok('POST', '/billable_metrics', {
      billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' },
    });
    await organization.ok('POST', '/plans', {
      plan: {
        name: 'Monthly',
        code: 'monthly',
        interval: 'monthly',
        amount_cents: 3100,
        amount_currency: 'EUR',
        pay_in_advance: false,
        charges: [
          {
            billable_metric_id: metric.billable_metric.lago_id,
            charge_model: 'standard',
            properties: { amount: '1' },
          },
        ],
      },
    });
    for (const id of ['s1', 's2']) {
      await organization.ok('POST', '/subscriptions', {
        subscription: { external_customer_id: 'ann', external_id: id, plan_code: 'monthly' },
      });
    }
    await organization.settled();
    return organization;
  }

  const spoil = ({ organizationId }: OrganizationClient, amount: string) =>
    rows(`update charges set properties = jsonb_build_object('amount', $2::text) where organization_id = $1`, [
      organizationId,
      amount,
    ]);

  test('a period that cannot be billed is retried once the reason is gone, and fills its invoice', async () => {
    const organization = await subscribed();
    await spoil(organization, 'not a price');
    await organization.ok('PUT', '/test_clock', {
      test_clock: { frozen_time: '2023-02-01T00:00:00Z', mode: 'advance' },
    });
    await organization.settled();

    const [generating, ...others] = await invoicesOf(organization);
    expect(others).toEqual([]);
    expect(generating).toMatchObject({ status: 'generating', total: 0 });
    const [error] = await rows('select error_code, details from invoice_errors where invoice_id = $1', [generating.id]);
    expect(error).toMatchObject({ error_code: 'invoice_generation_error' });
    const failed = await workflows(organization, 'state=failed');
    expect(failed).toHaveLength(2);
    expect(failed).toEqual(await workflows(organization, `lago_invoice_id=${generating.id}`));
    expect(failed[0].error).toBe(error.details.invoice_generation_error);
    expect((await organization.request('GET', `/invoices/${generating.id}`)).status).toBe(404);

    // While the reason is there, a retry fails in the same way, and leaves the same row.
    const retry = () => organization.request('POST', `/workflows/${encodeURIComponent(failed[1].id)}/retry`);
    expect((await retry()).status).toBe(200);
    await organization.settled();
    expect(await invoicesOf(organization)).toEqual([generating]);
    expect(await workflows(organization, 'state=failed')).toHaveLength(2);

    await spoil(organization, '1');
    const retried = await retry();
    expect(retried.headers.get('Durabill-Workflow-Id')).toBe(failed[1].id);
    await organization.settled();
    // One invoice for both subscriptions, under the id that it always had.
    expect(await invoicesOf(organization)).toEqual([{ id: generating.id, status: 'finalized', total: 6200 }]);
    const { invoice } = await organization.ok('GET', `/invoices/${generating.id}`);
    expect([invoice.status, invoice.error_details]).toEqual(['finalized', []]);
    expect(await workflows(organization, 'state=failed')).toEqual([]);
    expect(await workflows(organization, `lago_invoice_id=${generating.id}&state=done`)).toHaveLength(2);
    expect((await retry()).status).toBe(405);

    // The next periods were not held up, and go on.
    await organization.ok('PUT', '/test_clock', {
      test_clock: { frozen_time: '2023-03-01T00:00:00Z', mode: 'advance' },
    });
    await organization.settled();
    expect((await invoicesOf(organization)).map(({ total }) => total)).toEqual([6200, 6200]);
  });

  test('billing now bills what is due, on one invoice, and nothing twice', async () => {
    const organization = await subscribed();
    const bill = () => organization.request('POST', '/subscriptions/s1/bill');
    expect((await bill()).body).toMatchObject({ status: 405, code: 'nothing_due' });
    // A jump runs nothing: the periods are due and wait.
    await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-02-01T08:00:00Z', mode: 'jump' } });
    expect(await invoicesOf(organization)).toEqual([]);
    const [asked] = await Promise.all([bill(), bill(), bill()]);
    expect(asked.body.workflow.kind).toBe('period');
    await organization.settled();
    expect(await invoicesOf(organization)).toMatchObject([{ status: 'finalized', total: 6200 }]);
    expect((await bill()).status).toBe(405);
    const { workflow } = await organization.ok('GET', `/workflows/${encodeURIComponent(asked.body.workflow.id)}`);
    expect(workflow).toMatchObject({ state: 'done', lago_invoice_id: (await invoicesOf(organization))[0].id });
  });
});

test('billing now does not wait for the billing delay of a live organization', async () => {
  const database = await fixtureDatabase();
  try {
    const fixture = await billingFixture(database.orm, '2023-01-15T10:00:00Z');
    const { organizationId } = fixture;
    const argument = await fixture.subscribe(await fixture.customer(), await fixture.plan({ amountCents: 3100n }));
    const em = () => scopedTo(database.orm.em, organizationId);
    await sql(em(), 'update organizations set clock_now = null where id = $1', [organizationId]);
    await sql(em(), `update acts set due_at = '2023-02-01T00:05:00Z', state = 'waiting' where id = $1`, [
      argument.actId,
    ]);
    const now = new Date('2023-02-01T00:00:10Z');
    const timing = { ...fixture.dependencies.timing, delaySeconds: 300 };
    const bill = () => billPeriod({ ...fixture.dependencies, timing, realTime: () => now }, argument);
    expect(await bill()).toEqual({ outcome: 'moved', dueAt: '2023-02-01T00:05:00.000Z', duty: 'bill_period' });
    const [subscription] = await sql<{ externalId: string }>(
      em(),
      'select external_id as "externalId" from subscriptions where id = $1',
      [argument.subscriptionId],
    );
    const [act] = await em().transactional((inner) => billNow(inner, subscription!.externalId, now));
    expect(act).toMatchObject({ id: argument.actId, verb: 'signal', dueAt: now });
    expect(await bill()).toMatchObject({ outcome: 'billed' });
    expect(await bill()).toMatchObject({ outcome: 'already_done' });
  } finally {
    await database.close();
  }
});
