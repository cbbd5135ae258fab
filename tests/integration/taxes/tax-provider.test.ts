// Customers whom an external provider taxes: through the workflow `taxes/{invoice}` with a provider of the test's own,
// on a real Temporal (spec, money 1.8; S067). No request links a customer to one: the test writes the column.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { v7 } from 'uuid';
import { kinds } from '../../../activities/acts/kinds.ts';
import { makeActivities } from '../../../activities/index.ts';
import { readAllowedNetworks } from '../../../activities/webhooks/allowed-networks.ts';
import { makePostWebhook } from '../../../activities/webhooks/post-webhook.ts';
import { makeWebhookKeys } from '../../../activities/webhooks/webhook-keys.ts';
import { WAKE_SIGNAL } from '../../../workflows/wake-signal.ts';
import { activityDependencies } from '../../support/activity-dependencies.ts';
import { actsByHand } from '../../support/acts-by-hand.ts';
import { testTemporal } from '../../support/servers/test-temporal.ts';
import { taxProviderStandIn, tenPercent, type TaxProviderStandIn } from '../../support/tax-provider-stand-in.ts';
import { until } from '../../support/until.ts';
import { workflowBundleFile } from '../../support/workflow-bundle-file.ts';
import { at, featureUnavailable, listeningApp, asPlain, type Caller, type ListeningApp } from '../api/listening-app.ts';

const NOW = '2024-03-05T10:00:00Z';

let app: ListeningApp;
let caller: Caller;
let provider: TaxProviderStandIn;
let connection: Connection;
let native: NativeConnection;
let client: Client;
let codePath: string;
let namespace: string;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  app = await listeningApp();
  const temporal = await testTemporal();
  ({ namespace } = temporal);
  connection = await Connection.connect({ address: temporal.address });
  native = await NativeConnection.connect({ address: temporal.address });
  client = new Client({ connection, namespace });
  codePath = await workflowBundleFile();
});

beforeEach(async () => {
  caller = await app.organization();
  await clock(NOW);
  provider = taxProviderStandIn();
  await caller.ok('POST', '/customers', { customer: { external_id: 'acme', currency: 'EUR', country: 'US' } });
  for (const [code, amount_cents] of [
    ['setup', 1001],
    ['training', 25_000],
  ] as const) {
    await caller.ok('POST', '/add_ons', { add_on: { name: code, code, amount_cents, amount_currency: 'EUR' } });
  }
  // Of ours, which the provider's win over.
  await caller.ok('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate: 20, applied_to_organization: true } });
  await app.rows(`update customers set tax_provider_code = 'ours' where organization_id = $1`, [caller.organizationId]);
  await app.rows(
    `insert into webhook_endpoints (id, organization_id, webhook_url, event_types, created_at, updated_at)
     values ($1, $2, 'https://hooks.test', null, $3, $3)`,
    [v7(), caller.organizationId, NOW],
  );
});

afterAll(async () => {
  await connection.close();
  await native.close();
  await app.close();
});

const clock = (now: string) =>
  app.rows('update organizations set clock_now = $2 where id = $1', [caller.organizationId, now]);

const oneOff = async (...codes: readonly string[]) =>
  at(
    await caller.ok('POST', '/invoices', {
      invoice: { external_customer_id: 'acme', fees: codes.map((add_on_code) => ({ add_on_code })) },
    }),
    'invoice',
  ) as any;

const read = async (id: string) => at(await caller.ok('GET', `/invoices/${id}`), 'invoice') as any;

const webhooks = async () =>
  (
    await app.rows<{ type: string }>(
      `select webhook_type as type from webhooks where organization_id = $1 and webhook_type ~ 'invoice|tax'
       order by sequence`,
      [caller.organizationId],
    )
  ).map(({ type }) => type);

const actOf = async (invoiceId: string) => {
  const [act] = await app.rows<{ id: string; state: string; argument: object; due: string | null }>(
    `select id, state, argument, to_char(due_at at time zone 'UTC', 'HH24:MI') as due from acts where id = $1`,
    [`taxes/${invoiceId}`],
  );
  return act!;
};

const activities = (overrides: Parameters<typeof activityDependencies>[2] = {}) =>
  makeActivities(
    activityDependencies(app.orm, () => new Date(), { taxProviders: new Map([['ours', provider]]), ...overrides }),
    {
      post: makePostWebhook({ allowed: readAllowedNetworks('false') }),
      keys: makeWebhookKeys(app.orm, 'the secret key of the tests'),
      issuer: 'https://billing.test',
      random: () => 0,
    },
  );

/** Runs the invoice's workflow, as the dispatcher would start it, and lets the test act until it has ended. */
async function runWorkflow(invoiceId: string, during: (wake: () => Promise<void>) => Promise<void> = async () => {}) {
  const act = await actOf(invoiceId);
  const taskQueue = `taxes-${randomUUID()}`;
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    workflowBundle: { codePath },
    activities: activities(),
  });
  return worker.runUntil(async () => {
    const handle = await client.workflow.start(kinds.taxInvoice.workflow, {
      workflowId: act.id,
      taskQueue,
      args: [act.argument],
    });
    await during(() => handle.signal(WAKE_SIGNAL));
    return (await handle.result()) as unknown;
  });
}

describe('a one-off invoice', () => {
  test('waits, fails by the provider, is retried and becomes final with the taxes that the provider says', async () => {
    const made = await oneOff('setup', 'training');
    expect(made).toMatchObject({ status: 'pending', sequential_id: null, taxes_amount_cents: 0, applied_taxes: [] });
    expect(await webhooks()).toEqual([]);

    provider.says({ kind: 'error', code: 'customerAddressCouldNotResolve', message: 'where is that?' });
    expect(await runWorkflow(made.lago_id)).toEqual({ outcome: 'failed', answers: 1 });
    expect(await read(made.lago_id)).toMatchObject({
      status: 'failed',
      sequential_id: null,
      error_details: [
        {
          error_code: 'tax_error',
          details: { tax_error: 'customerAddressCouldNotResolve', tax_error_message: 'where is that?' },
        },
      ],
    });
    expect(await webhooks()).toEqual(['customer.tax_provider_error']);
    const [told] = await app.rows<{ payload: any }>(
      `select payload::jsonb as payload from webhooks where organization_id = $1 and webhook_type = $2`,
      [caller.organizationId, 'customer.tax_provider_error'],
    );
    expect(told!.payload.tax_provider_customer_error).toEqual({
      lago_customer_id: expect.any(String),
      external_customer_id: 'acme',
      tax_provider: 'stand_in',
      tax_provider_code: 'ours',
      provider_error: { message: 'where is that?', error_code: 'customerAddressCouldNotResolve' },
    });

    // The next day, once the address is right.
    await clock('2024-03-06T10:00:00Z');
    expect(at(await caller.ok('POST', `/invoices/${made.lago_id}/retry`), 'invoice')).toMatchObject({
      status: 'pending',
      error_details: [],
    });
    expect(await runWorkflow(made.lago_id)).toEqual({ outcome: 'taxed', answers: 1 });
    const invoice = await read(made.lago_id);
    expect(invoice).toMatchObject({
      status: 'finalized',
      issuing_date: '2024-03-06',
      sequential_id: 1,
      fees_amount_cents: 26_001,
      // 2600.1, rounded once; the fees say 100 and 2500.
      taxes_amount_cents: 2600,
      total_amount_cents: 28_601,
      error_details: [],
      applied_taxes: [
        {
          lago_tax_id: null,
          tax_code: 'sales_tax_ca',
          tax_name: 'Sales Tax (CA)',
          tax_rate: 10,
          amount_cents: 2600,
          fees_amount_cents: 26_001,
        },
      ],
    });
    expect(
      invoice.fees.map((fee: any) => [fee.item.code, fee.taxes_amount_cents, fee.applied_taxes[0].tax_code]),
    ).toEqual([
      ['setup', 100, 'sales_tax_ca'],
      ['training', 2500, 'sales_tax_ca'],
    ]);
    expect(await webhooks()).toEqual(['customer.tax_provider_error', 'invoice.one_off_created']);
    expect(provider.asked.map(({ by }) => by)).toEqual(['record', 'record']);
    expect(provider.asked[0]).toMatchObject({
      invoice: { invoiceId: made.lago_id, currency: 'EUR', customer: { externalId: 'acme', country: 'US' } },
    });
    expect(await app.rows('select 1 from provider_tax_answers')).toEqual([]);
    expect((await actOf(made.lago_id)).state).toBe('done');
    // A final one is not retried.
    expect((await caller.send('POST', `/invoices/${made.lago_id}/retry`)).status).toBe(405);
  });

  test('is asked about again by itself where the provider had no room', async () => {
    const { lago_id: id } = await oneOff('setup');
    provider.says({ kind: 'error', code: 'limit', message: 'API limit reached' });
    const ended = await runWorkflow(id, async (wake) => {
      await until(async () => (await actOf(id)).state === 'waiting', 'it waits for the next quarter of an hour');
      expect(await read(id)).toMatchObject({ status: 'failed', error_details: [{ error_code: 'tax_error' }] });
      expect((await actOf(id)).due).toBe('10:15');
      await clock('2024-03-05T10:15:00Z');
      await wake();
    });
    expect(ended).toEqual({ outcome: 'taxed', answers: 2 });
    expect(await read(id)).toMatchObject({ status: 'finalized', taxes_amount_cents: 100, error_details: [] });
  });

  test.each([
    ['throws', new Error('socket hang up'), 'provider_unavailable'],
    ['answers of no fee', { kind: 'taxes', fees: [] } as const, 'unusable_answer'],
  ])('fails where the provider %s', async (_about, reply, code) => {
    const { lago_id: id } = await oneOff('setup');
    provider.says(reply);
    expect(await runWorkflow(id)).toEqual({ outcome: 'failed', answers: 1 });
    expect((await read(id)).error_details).toMatchObject([{ details: { tax_error: code } }]);
  });

  test('of nothing that nobody wants is not asked about', async () => {
    await caller.ok('POST', '/customers', { customer: { external_id: 'acme', finalize_zero_amount_invoice: 'skip' } });
    const invoice = {
      external_customer_id: 'acme',
      fees: [{ add_on_code: 'setup', units: 0 }],
    };
    expect(at(await caller.ok('POST', '/invoices', { invoice }), 'invoice.status')).toBe('closed');
    expect(
      await app.rows(`select 1 from acts where id like 'taxes/%' and organization_id = $1`, [caller.organizationId]),
    ).toEqual([]);
  });
});

describe('an answer', () => {
  const stepsOf = async (id: string) => {
    const { taxWaitingInvoice, askTaxProvider } = activities();
    const argument = (await actOf(id)).argument as Parameters<typeof taxWaitingInvoice>[0];
    return {
      tax: () => taxWaitingInvoice(argument),
      ask: () =>
        new MockActivityEnvironment().run(() =>
          askTaxProvider({ organizationId: caller.organizationId, invoiceId: id }),
        ),
    };
  };

  test('is kept until it is applied: nothing is asked twice, and it is applied once', async () => {
    const { lago_id: id } = await oneOff('setup');
    const { tax, ask } = await stepsOf(id);
    expect(await tax()).toEqual({ outcome: 'ask' });
    expect([await ask(), await ask()]).toEqual([{ outcome: 'answered' }, { outcome: 'answered' }]);
    expect(provider.asked).toHaveLength(1);
    expect([await tax(), await tax()]).toEqual([{ outcome: 'taxed' }, { outcome: 'already_done' }]);
    expect(await ask()).toEqual({ outcome: 'outdated' });
  });

  test('is missing where the customer has a provider that is not there', async () => {
    const { lago_id: id } = await oneOff('setup');
    await app.rows(`update customers set tax_provider_code = 'gone' where organization_id = $1`, [
      caller.organizationId,
    ]);
    const { tax, ask } = await stepsOf(id);
    await ask();
    expect(await tax()).toEqual({ outcome: 'failed' });
    expect((await read(id)).error_details).toMatchObject([{ details: { tax_error: 'tax_provider_not_found' } }]);
  });
});

describe('a draft', () => {
  beforeEach(async () => {
    await caller.ok('POST', '/plans', {
      plan: {
        name: 'Plan',
        code: 'p',
        interval: 'monthly',
        amount_cents: 3100,
        amount_currency: 'EUR',
        pay_in_advance: false,
      },
    });
    await caller.ok('POST', '/customers', {
      customer: { external_id: 'acme', billing_configuration: { invoice_grace_period: 3 } },
    });
    await caller.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: 'acme', external_id: 's', plan_code: 'p' },
    });
    await actsByHand(app.orm, caller.organizationId).run('2024-04-01T00:00:00Z');
  });

  const draft = async () => at(await caller.ok('GET', '/invoices'), 'invoices.0') as any;

  test('is taxed by an estimate, stays a draft, and is recorded when it becomes final', async () => {
    const made = await draft();
    expect(made).toMatchObject({ status: 'draft', taxes_amount_cents: 0 });
    expect(await webhooks()).toEqual(['invoice.drafted']);
    expect((await caller.send('PUT', `/invoices/${made.lago_id}/finalize`)).body).toMatchObject({
      code: 'cannot_finalize_with_pending_taxes',
    });
    expect(await runWorkflow(made.lago_id)).toEqual({ outcome: 'taxed', answers: 1 });
    const { fees_amount_cents: fees } = made;
    const taxed = await draft();
    expect(taxed).toMatchObject({
      status: 'draft',
      issuing_date: made.issuing_date,
      payment_due_date: made.payment_due_date,
      taxes_amount_cents: Math.round(fees / 10),
    });
    expect(await webhooks()).toEqual(['invoice.drafted', 'invoice.ready_to_finalize']);

    const final = at(await caller.ok('PUT', `/invoices/${made.lago_id}/finalize`), 'invoice') as any;
    expect(final).toMatchObject({ status: 'pending', taxes_amount_cents: 0, sequential_id: null });
    expect(await runWorkflow(made.lago_id)).toEqual({ outcome: 'taxed', answers: 1 });
    expect(await read(made.lago_id)).toMatchObject({
      status: 'finalized',
      sequential_id: 1,
      taxes_amount_cents: Math.round(fees / 10),
    });
    expect(provider.asked.map(({ by }) => by)).toEqual(['estimate', 'record']);
    expect((await webhooks()).at(-1)).toBe('invoice.created');
  });

  test('that the provider cannot tax stays a draft, says why, and can be made final', async () => {
    const { lago_id: id } = await draft();
    provider.says({ kind: 'error', code: 'no', message: 'API limit reached' });
    expect(await runWorkflow(id)).toEqual({ outcome: 'failed', answers: 1 });
    expect(await read(id)).toMatchObject({ status: 'draft', error_details: [{ error_code: 'tax_error' }] });
    expect(await webhooks()).toEqual(['invoice.drafted', 'customer.tax_provider_error', 'invoice.ready_to_finalize']);
    expect((await caller.send('POST', `/invoices/${id}/retry`)).status).toBe(405);
    const final = at(await caller.ok('PUT', `/invoices/${id}/finalize`), 'invoice') as any;
    expect(final).toMatchObject({ status: 'pending', error_details: [] });
  });

  test('that is made anew while the provider is asked is asked about again: the answer is to other fees', async () => {
    const { lago_id: id } = await draft();
    let refreshed = false;
    provider.says(async (question) => {
      await caller.ok('PUT', `/invoices/${id}/refresh`);
      refreshed = true;
      return tenPercent(question);
    });
    expect(await runWorkflow(id)).toEqual({ outcome: 'taxed', answers: 2 });
    expect(refreshed).toBe(true);
    const [first, second] = provider.asked;
    expect(second!.fees.map(({ feeId }) => feeId)).not.toEqual(first!.fees.map(({ feeId }) => feeId));
    expect((await read(id)).taxes_amount_cents).toBe(Math.round((await read(id)).fees_amount_cents / 10));
  });
});

describe('an invoice of a charge in advance', () => {
  test('that is retried has its one fee, and the period that follows has none of it (S017)', async () => {
    await app.rows(`update customers set tax_provider_code = null where organization_id = $1`, [caller.organizationId]);
    const metric = await caller.ok('POST', '/billable_metrics', {
      billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' },
    });
    await caller.ok('POST', '/plans', {
      plan: {
        ...{ name: 'P', code: 'p', interval: 'monthly', amount_cents: 3100, amount_currency: 'EUR' },
        charges: [
          {
            billable_metric_id: at(metric, 'billable_metric.lago_id'),
            charge_model: 'standard',
            pay_in_advance: true,
            properties: { amount: '5' },
          },
        ],
      },
    });
    await caller.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: 'acme', external_id: 's', plan_code: 'p', billing_time: 'calendar' },
    });
    const acts = actsByHand(app.orm, caller.organizationId);
    await acts.run('2024-03-06T10:00:00Z');
    await app.rows(`update customers set tax_provider_code = 'ours' where organization_id = $1`, [
      caller.organizationId,
    ]);
    await caller.ok('POST', '/events', {
      event: { transaction_id: 't', external_subscription_id: 's', code: 'calls' },
    });
    await acts.run('2024-03-06T10:00:00Z');
    const [invoice] = at(await caller.ok('GET', '/invoices'), 'invoices') as any;
    expect(invoice).toMatchObject({ status: 'pending' });

    provider.says({ kind: 'error', code: 'customerAddressCouldNotResolve', message: 'where is that?' });
    expect(await runWorkflow(invoice.lago_id)).toEqual({ outcome: 'failed', answers: 1 });
    await caller.ok('POST', `/invoices/${invoice.lago_id}/retry`);
    expect(await runWorkflow(invoice.lago_id)).toEqual({ outcome: 'taxed', answers: 1 });
    const retried = await read(invoice.lago_id);
    expect(retried).toMatchObject({ status: 'finalized', fees_amount_cents: 500, total_amount_cents: 550 });
    expect(retried.fees).toMatchObject([{ item: { type: 'charge' }, event_transaction_id: 't', pay_in_advance: true }]);

    await app.rows(`update customers set tax_provider_code = null where organization_id = $1`, [caller.organizationId]);
    await acts.run('2024-04-01T00:00:00Z');
    const all = at(await caller.ok('GET', '/invoices'), 'invoices') as any[];
    expect(all).toHaveLength(2);
    const period = await read(all.find(({ lago_id }) => lago_id !== invoice.lago_id).lago_id);
    expect(period.fees.map(({ item }: any) => item.type)).toEqual(['subscription']);
  });
});

test('no request links a customer to a provider', async () => {
  const customer = {
    external_id: 'other',
    integration_customers: [{ integration_type: 'anrok', integration_code: 'a' }],
  };
  expect(asPlain(await caller.send('POST', '/customers', { customer }))).toEqual(
    featureUnavailable('integration_customers'),
  );
  expect((await caller.send('GET', '/customers/other')).status).toBe(404);
});
