import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Client as Database } from 'pg';
import { createOrganization } from '../support/organization-client.ts';
import { runningDurabill } from '../support/processes/running-durabill.ts';
import { testTemporal } from '../support/servers/test-temporal.ts';
import { until } from '../support/until.ts';
import { mailServer } from '../support/servers/mail-server.ts';
import { viesStandIn, type ViesStandIn } from '../support/servers/vies-stand-in.ts';
import { answering, webhookReceiver } from '../support/servers/webhook-receiver.ts';
import { RELEASED } from './released-histories.ts';

const folderOf = (release: string): string => fileURLToPath(new URL(`./histories/${release}/`, import.meta.url));

/** Who ran a task is a machine's name; the replay does not look at it. */
const withoutNames = (json: string): string => json.replaceAll(/"\d+@[^"]*"/g, '"recorded"');

/**
 * Records the histories of real runs as those of the next release, those that are missing only: a history that was
 * released is never made anew, because running periods have such histories. Run it with `RECORD_HISTORIES=0.2.0 npm
 * test -- tests/replay`.
 */
export async function recordMissingHistories(release: string): Promise<void> {
  if (!/^\d+\.\d+\.\d+$/.test(release)) throw new Error(`RECORD_HISTORIES is ${release}, not the next release: 0.2.0`);
  if (release in RELEASED) throw new Error(`${release} is released: its histories stay as they are`);
  mkdirSync(folderOf(release), { recursive: true });
  const fileOf = (name: string): string => join(folderOf(release), `${name}.json`);
  const vies = await viesStandIn();
  const smtp = await mailServer();
  const durabill = await runningDurabill({
    environment: {
      DURABILL_ALLOW_PRIVATE_WEBHOOKS: 'true',
      VIES_URL: vies.url,
      DURABILL_SMTP_URL: smtp.url,
      DURABILL_MAIL_FROM: 'billing@durabill.test',
    },
  });
  const receiver = await webhookReceiver();
  const { address, namespace } = await testTemporal();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const database = new Database({ connectionString: durabill.databaseUrl });
  await database.connect();
  const record = async (name: string, workflowId: string): Promise<void> => {
    if (existsSync(fileOf(name))) return;
    const history = await client.workflow.getHandle(workflowId).fetchHistory();
    writeFileSync(fileOf(name), `${withoutNames(historyToJSON(history))}\n`);
  };
  const actOf = async (kind: string, state: string): Promise<string> => {
    const { rows } = await database.query('select id from acts where kind = $1 and state = $2 order by id limit 1', [
      kind,
      state,
    ]);
    return rows[0].id;
  };
  const closed = (id: string) =>
    until(async () => (await client.workflow.getHandle(id).describe()).status.name !== 'RUNNING', `${id} ends`);
  try {
    const tested = await createOrganization(durabill);
    await tested.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-01T00:00:00Z', mode: 'jump' } });
    await subscribe(tested.ok, 'clocked');
    await tested.settled();
    await tested.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-03-02T00:00:00Z', mode: 'advance' } });
    await tested.settled();
    const { rows: periods } = await database.query(
      "select id from acts where kind = 'period' and state = 'done' order by id",
    );
    await closed(periods[1].id);
    await record('period-woken-while-waiting', periods[0].id);
    await record('period-started-awake', periods[1].id);
    const advance = await actOf('clock', 'done');
    await closed(advance);
    await record('clock-advance', advance);

    await subscribe(tested.ok, 'advance', { pay_in_advance: true, code: 'advance' });
    await tested.ok('POST', '/subscriptions', {
      subscription: {
        external_customer_id: 'later',
        external_id: 'later',
        plan_code: 'advance',
        subscription_at: '2023-03-05T00:00:00Z',
        ending_at: '2023-03-20T12:00:00Z',
      },
    });
    await tested.settled();
    await tested.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-03-21T00:00:00Z', mode: 'advance' } });
    await tested.settled();
    for (const kind of ['start', 'activate', 'end']) {
      const id = await actOf(kind, 'done');
      await closed(id);
      await record(kind, id);
    }
    const { rows: ended } = await database.query(
      `select period.id from acts period join acts ending on ending.subscription_id = period.subscription_id
       where period.kind = 'period' and ending.kind = 'end' and period.state = 'done'`,
    );
    await closed(ended[0].id);
    await record('period-with-an-ending', ended[0].id);

    await recordDrafts(tested.ok, { database, client, queue: `${durabill.taskQueuePrefix}urgent`, closed, record });

    await tested.ok('DELETE', '/customers/clocked');
    await tested.ok('DELETE', '/plans/p');
    await tested.settled();
    for (const [kind, name] of [
      ['deleteCustomer', 'delete-customer'],
      ['deletePlan', 'delete-plan'],
    ] as const) {
      const id = await actOf(kind, 'done');
      await closed(id);
      await record(name, id);
    }

    await recordTaxesAndCoupons(await createOrganization(durabill), vies, { actOf, closed, record });

    const live = await createOrganization(durabill, { test_mode: false });
    await subscribe(live.ok, 'live');
    await until(
      async () =>
        (await database.query(`select 1 from acts where state = 'waiting' and not (argument->>'frozen')::boolean`))
          .rowCount === 1,
      'the live period waits',
    );
    // It sleeps: there is nothing in its history to replay before its first task.
    await live.ok('POST', '/events', {
      event: { transaction_id: 't1', external_subscription_id: 'live', code: 'late' },
    });
    await live.ok('POST', '/billable_metrics', {
      billable_metric: { name: 'Late', code: 'late', aggregation_type: 'count_agg' },
    });
    await live.ok('PUT', '/organizations', { organization: { timezone: 'Asia/Tokyo' } });
    for (const kind of ['rollups', 'reschedule']) {
      await until(
        async () =>
          (await database.query("select 1 from acts where kind = $1 and state = 'done'", [kind])).rowCount === 1,
        `${kind} is done`,
      );
      const id = await actOf(kind, 'done');
      await closed(id);
      await record(kind, id);
    }
    const { rows: moved } = await database.query(
      `select id from acts where kind = 'period' and not (argument->>'frozen')::boolean`,
    );
    await until(async () => {
      const events = (await client.workflow.getHandle(moved[0].id).fetchHistory()).events ?? [];
      return (
        events.some((event) => event.workflowExecutionSignaledEventAttributes) &&
        Boolean(events.at(-1)?.timerStartedEventAttributes)
      );
    }, 'the live period waits for its earlier moment');
    await record('period-moved-live', moved[0].id);

    // A draft of a live organization whose day comes nearer: woken, it looks and waits again.
    const grace = (days: number) =>
      live.ok('POST', '/customers', {
        customer: { external_id: 'drafted', billing_configuration: { invoice_grace_period: days } },
      });
    await grace(10);
    await subscribe(live.ok, 'drafted', { pay_in_advance: true, code: 'live-advance' });
    const waiting = "select id from acts where kind = 'finalize' and state = 'waiting'";
    await until(async () => (await database.query(waiting)).rowCount === 1, 'the live draft waits');
    const { rows: drafts } = await database.query(waiting);
    await grace(5);
    await until(async () => {
      const events = (await client.workflow.getHandle(drafts[0].id).fetchHistory()).events ?? [];
      return (
        events.some((event) => event.workflowExecutionSignaledEventAttributes) &&
        Boolean(events.at(-1)?.timerStartedEventAttributes)
      );
    }, 'the live draft waits for its earlier day');
    await record('finalize-moved-live', drafts[0].id);

    // One failure: the lane waits for the retry, is woken by the next delivery, waits again, and ends after both.
    receiver.answer = answering(500);
    const { webhook_endpoint: endpoint } = await live.ok('POST', '/webhook_endpoints', {
      webhook_endpoint: { webhook_url: receiver.url },
    });
    const lane = `webhooks/${endpoint.lago_id}`;
    const laneBecomes = (state: string) =>
      until(
        async () =>
          (await database.query('select 1 from acts where id = $1 and state = $2', [lane, state])).rowCount === 1,
        `the lane is ${state}`,
      );
    await live.ok('POST', '/customers', { customer: { external_id: 'hooked' } });
    await laneBecomes('waiting');
    receiver.answer = answering(200);
    await live.ok('POST', '/customers', { customer: { external_id: 'hooked too' } });
    await until(() => receiver.received.length >= 3, 'both deliveries have arrived');
    await laneBecomes('done');
    await closed(lane);
    await record('webhooks-retried-and-woken', lane);

    const bundleQueue = durabill.taskQueuePrefix;
    for (const workflow of ['watchdog', 'cleanup']) {
      const handle = await client.workflow.start(workflow, {
        workflowId: `${bundleQueue}${workflow}-recorded`,
        taskQueue: `${bundleQueue}bulk`,
        args: [],
      });
      await handle.result();
      await record(workflow, handle.workflowId);
      if (workflow === 'cleanup') await record('cleanup-with-webhooks', handle.workflowId);
    }
  } finally {
    await database.end();
    await connection.close();
    await durabill.stop();
    await receiver.close();
    await smtp.close();
    await vies.close();
  }
}

/** A VAT number that is checked at the second try, the invoice that waits for it, and a coupon whose time ends. */
async function recordTaxesAndCoupons(
  { ok, settled }: Awaited<ReturnType<typeof createOrganization>>,
  vies: ViesStandIn,
  {
    actOf,
    closed,
    record,
  }: Pick<Recorder, 'closed' | 'record'> & { readonly actOf: (kind: string, state: string) => Promise<string> },
): Promise<void> {
  vies.says('DE123456789', 'MS_UNAVAILABLE', { valid: true });
  await ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-01T00:00:00Z', mode: 'jump' } });
  await ok('PUT', '/billing_entities/default', { billing_entity: { country: 'FR', eu_tax_management: true } });
  await ok('POST', '/customers', {
    customer: { external_id: 'eu', currency: 'EUR', country: 'DE', tax_identification_number: 'DE123456789' },
  });
  await settled();
  await ok('POST', '/add_ons', {
    add_on: { name: 'Setup', code: 'setup', amount_cents: 100, amount_currency: 'EUR' },
  });
  await ok('POST', '/invoices', {
    invoice: { external_customer_id: 'eu', currency: 'EUR', fees: [{ add_on_code: 'setup' }] },
  });
  await ok('POST', '/coupons', {
    coupon: {
      name: 'Short',
      code: 'short',
      coupon_type: 'fixed_amount',
      amount_cents: 100,
      amount_currency: 'EUR',
      frequency: 'once',
      expiration: 'time_limit',
      expiration_at: '2023-01-02T00:00:00Z',
    },
  });
  await ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-03T00:00:00Z', mode: 'advance' } });
  await settled();
  const { billable_metric: calls } = (await ok('POST', '/billable_metrics', {
    billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' },
  })) as { billable_metric: { lago_id: string } };
  const charge = { billable_metric_id: calls.lago_id, charge_model: 'standard', properties: { amount: '1' } };
  await ok('POST', '/customers', { customer: { external_id: 'instant', currency: 'EUR' } });
  await subscribe(ok, 'instant', { code: 'instant', charges: [{ ...charge, pay_in_advance: true }] });
  await ok('POST', '/events', {
    event: { transaction_id: 'e1', external_subscription_id: 'instant', code: 'calls' },
  });
  await ok('POST', '/data_exports', { data_export: { resource_type: 'invoices', notify_email: 'ada@acme.test' } });
  await settled();
  await until(async () => (await actOf('mail', 'done').catch(() => null)) !== null, 'the mail is sent');
  await ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-11T00:00:00Z', mode: 'advance' } });
  await settled();
  for (const [kind, name] of [
    ['vies', 'vies'],
    ['taxInvoice', 'tax-invoice'],
    ['expireCoupon', 'expire-coupon'],
    ['export', 'export'],
    ['mail', 'mail'],
    ['instantCharge', 'instant-charge'],
  ] as const) {
    const id = await actOf(kind, 'done');
    await closed(id);
    await record(name, id);
  }
}

interface Recorder {
  readonly database: Database;
  readonly client: Client;
  readonly queue: string;
  readonly closed: (id: string) => Promise<void>;
  readonly record: (name: string, workflowId: string) => Promise<void>;
}

/** Two drafts: flagged and refreshed, moved by their issuer's settings, made final by hand. */
async function recordDrafts(
  ok: (method: string, path: string, body?: unknown) => Promise<any>,
  { database, client, queue, closed, record }: Recorder,
): Promise<void> {
  const settled = (kind: string) =>
    until(
      async () =>
        (await database.query("select 1 from acts where kind = $1 and state in ('wanted', 'working')", [kind]))
          .rowCount === 0,
      `${kind} is done`,
    );
  const configuration = (days: number) => ({ billing_configuration: { invoice_grace_period: days } });
  await ok('POST', '/customers', { customer: { external_id: 'drafted', ...configuration(20) } });
  await subscribe(ok, 'drafted', { pay_in_advance: true, code: 'drafted' });
  await until(
    async () =>
      (await database.query("select 1 from acts where kind = 'finalize' and state = 'waiting'")).rowCount === 1,
    'the draft waits',
  );
  const { invoices } = await ok('GET', '/customers/drafted/invoices');
  const [{ lago_id: invoice }] = invoices as [{ lago_id: string }];
  await ok('PUT', `/invoices/${invoice}/refresh`);
  await closed(`refresh/${invoice}`);
  await record('refresh', `refresh/${invoice}`);

  const { organization } = await ok('PUT', '/organizations', { organization: configuration(3) });
  await settled('settings');
  const { rows } = await database.query("select id from acts where kind = 'settings' and organization_id = $1", [
    organization.lago_id,
  ]);
  await closed(rows[0].id);
  await record('settings', rows[0].id);

  const { plan } = await ok('GET', '/plans/drafted');
  const flagging = await client.workflow.start('flagDrafts', {
    workflowId: `${queue}-flag-drafts-recorded`,
    taskQueue: queue,
    args: [
      {
        actId: 'flag-drafts/recorded',
        organizationId: organization.lago_id,
        changed: { kind: 'plan', id: plan.lago_id },
        after: '',
      },
    ],
  });
  await flagging.result();
  await record('flag-drafts', flagging.workflowId);
  await settled('refresh');

  await ok('PUT', `/invoices/${invoice}/finalize`);
  await closed(`finalize/${invoice}`);
  await record('finalize', `finalize/${invoice}`);
  await ok('PUT', '/organizations', { organization: configuration(0) });
  await settled('settings');
}

async function subscribe(
  ok: (method: string, path: string, body: unknown) => Promise<unknown>,
  id: string,
  attributes: object = {},
): Promise<void> {
  const plan = { code: 'p', ...attributes };
  await ok('POST', '/plans', {
    plan: {
      name: 'P',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: false,
      ...plan,
    },
  });
  await ok('POST', '/subscriptions', {
    subscription: { external_customer_id: id, external_id: id, plan_code: plan.code },
  });
}
