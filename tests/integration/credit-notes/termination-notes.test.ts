// What a plan paid in advance leaves unused is credited by the transaction that ends the subscription (spec, money 3.11;
// subscriptions-and-invoices 2.11, 5.5).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { listeningApp, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  caller = await app.organization({ default_currency: 'EUR', document_number_prefix: 'ORG-1' });
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2022-10-01T00:00:00Z');
  await plan('p');
});

afterAll(() => app.close());

const plan = (code: string, change: object = {}) =>
  caller.ok('POST', '/plans', {
    plan: {
      name: code,
      code,
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: true,
      ...change,
    },
  });
const customer = (change: object = {}) =>
  caller.ok('POST', '/customers', { customer: { external_id: 'acme', currency: 'EUR', ...change } });
const subscribe = async (external_id = 's', change: object = {}): Promise<void> => {
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'acme', external_id, plan_code: 'p', billing_time: 'calendar', ...change },
  });
};
const tax = (rate: string) =>
  caller.ok('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate, applied_to_organization: true } });
/** @param option of `on_termination_credit_note`, and what else the query says. */
const end = (option = '', id = 's') =>
  caller.send('DELETE', `/subscriptions/${id}${option && `?on_termination_credit_note=${option}`}`);

/** What was paid of an invoice, as payments will note it. */
const pay = (cents: number) =>
  app.rows(
    `update invoices set total_paid_amount_cents = $2,
       payment_status = case when total_amount_cents = $2 then 'succeeded' else payment_status end
     where organization_id = $1`,
    [caller.organizationId, cents],
  );

const notes = () =>
  app.rows<Record<string, unknown>>(
    `select notes.status, notes.number, notes.reason, notes.issuing_date::text as issued,
            sub_total_excluding_taxes_amount_cents::int as sub, notes.taxes_amount_cents::int as taxes,
            credit_amount_cents::int as credit, refund_amount_cents::int as refund, offset_amount_cents::int as offset,
            balance_amount_cents::int as balance, credit_status, refund_status,
            coupons_adjustment_amount_cents::int as coupons,
            (select array_agg(trim_scale(precise_amount_cents)::text) from credit_note_items
             where credit_note_id = notes.id) as items,
            subscriptions.external_id as ended
     from credit_notes notes left join subscriptions on subscriptions.id = terminated_subscription_id
     where notes.organization_id = $1 order by notes.created_at, notes.id`,
    [caller.organizationId],
  );
const invoices = () =>
  app.rows<Record<string, unknown>>(
    `select status, fees_amount_cents::int as fees, credit_notes_amount_cents::int as notes,
            total_amount_cents::int as total
     from invoices where organization_id = $1 order by created_at, id`,
    [caller.organizationId],
  );
const webhooks = async (): Promise<string[]> => {
  const rows = await app.rows<{ type: string }>(
    `select webhook_type as type from webhooks where organization_id = $1 order by id`,
    [caller.organizationId],
  );
  return rows.map(({ type }) => type);
};

test('16 of 31 days with 20 %, and the endpoints hear of it before they hear of the end', async () => {
  await tax('20');
  await caller.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: 'https://hooks.test' } });
  await customer();
  await subscribe();
  await acts.advance('2022-10-15T12:00:00Z');
  expect(await end()).toMatchObject({
    status: 200,
    body: { subscription: { status: 'terminated', on_termination_credit_note: 'credit' } },
  });
  expect(await notes()).toEqual([
    {
      status: 'finalized',
      number: 'ORG-1-001-001-CN001',
      reason: 'order_cancellation',
      issued: '2022-10-15',
      sub: 1600,
      taxes: 320,
      credit: 1920,
      refund: 0,
      offset: 0,
      balance: 1920,
      credit_status: 'available',
      refund_status: null,
      coupons: 0,
      items: ['1600'],
      ended: 's',
    },
  ]);
  expect((await webhooks()).slice(-2)).toEqual(['credit_note.created', 'subscription.terminated']);
});

describe('what is paid of the fee', () => {
  test.each([
    ['credit', 3720, { credit: 1920, refund: 0, offset: 0, refund_status: null }],
    ['refund', 3720, { credit: 0, refund: 1920, offset: 0, refund_status: 'pending' }],
    ['refund', 2790, { credit: 930, refund: 990, offset: 0, refund_status: 'pending' }],
    ['refund', 465, { credit: 1920, refund: 0, offset: 0, refund_status: null }],
    ['refund', 0, { credit: 1920, refund: 0, offset: 0, refund_status: null }],
    ['offset', 2790, { credit: 0, refund: 990, offset: 930, refund_status: 'pending' }],
    ['offset', 0, { credit: 0, refund: 0, offset: 1920, refund_status: null }],
  ])('%s, %i of 3720 paid', async (option, paid, expected) => {
    await tax('20');
    await customer();
    await subscribe();
    await acts.run('2022-10-15T12:00:00Z');
    await pay(paid);
    expect(await end(option)).toMatchObject({ status: 200 });
    expect(await notes()).toMatchObject([expected]);
  });
});

test("a coupon's share comes off, and what was credited of the fee before", async () => {
  await tax('20');
  await customer();
  await caller.ok('POST', '/coupons', {
    coupon: { name: 'c', code: 'c', amount_cents: 500, amount_currency: 'EUR' },
  });
  await caller.ok('POST', '/applied_coupons', { applied_coupon: { external_customer_id: 'acme', coupon_code: 'c' } });
  await subscribe();
  await acts.run('2022-10-15T12:00:00Z');
  await end();
  // 1600 - 1600 x 500 / 3100, and 20 %.
  expect(await notes()).toMatchObject([{ coupons: 258, sub: 1342, taxes: 268, credit: 1610, items: ['1600'] }]);
});

describe('there is nothing to credit', () => {
  test('when that is asked for', async () => {
    await customer();
    await subscribe();
    await acts.run('2022-10-15T12:00:00Z');
    expect(await end('skip')).toMatchObject({ body: { subscription: { on_termination_credit_note: 'skip' } } });
    expect(await notes()).toEqual([]);
  });

  test('of a plan in arrears', async () => {
    await plan('arrears', { pay_in_advance: false });
    await customer();
    await subscribe('s', { plan_code: 'arrears' });
    await acts.run('2022-10-15T12:00:00Z');
    await end('refund');
    expect(await notes()).toEqual([]);
  });

  test('on the last day, of a trial, or of an invoice that is voided', async () => {
    await plan('trial', { trial_period: 60 });
    await customer();
    await subscribe('last');
    await subscribe('trial', { plan_code: 'trial' });
    await subscribe('voided');
    await acts.run('2022-10-01T00:00:00Z');
    await app.rows(
      `update invoices set status = 'voided', voided_at = '2022-10-02' where id in (
         select invoice_id from fees join subscriptions on subscriptions.id = fees.subscription_id
         where subscriptions.organization_id = $1 and external_id = 'voided')`,
      [caller.organizationId],
    );
    await acts.run('2022-10-31T12:00:00Z');
    for (const id of ['last', 'trial', 'voided']) expect(await end('', id)).toMatchObject({ status: 200 });
    expect(await notes()).toEqual([]);
  });

  test('of a period that was never billed', async () => {
    await customer();
    await subscribe();
    await acts.run('2022-10-31T12:00:00Z');
    // Nobody has billed November yet when it is ended on its first day.
    await app.rows('update organizations set clock_now = $2 where id = $1', [
      caller.organizationId,
      '2022-11-01T00:00:00Z',
    ]);
    expect(await end()).toMatchObject({ status: 200 });
    expect(await notes()).toEqual([]);
  });

  test('when the option is unknown: nothing is ended', async () => {
    await customer();
    await subscribe();
    await acts.run('2022-10-15T12:00:00Z');
    expect(await end('money')).toMatchObject({
      status: 422,
      body: { error_details: { on_termination_credit_note: ['invalid_value'] } },
    });
    expect((await caller.ok('GET', '/subscriptions/s')) as object).toMatchObject({
      subscription: { status: 'active' },
    });
  });
});

test('what is credited pays the last invoice', async () => {
  await caller.ok('POST', '/billable_metrics', {
    billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' },
  });
  const { billable_metrics: metrics } = (await caller.ok('GET', '/billable_metrics')) as any;
  await plan('used', {
    charges: [{ billable_metric_id: metrics[0].lago_id, charge_model: 'standard', properties: { amount: '2.07' } }],
  });
  await customer();
  await subscribe('s', { plan_code: 'used' });
  await acts.run('2022-10-10T00:00:00Z');
  await caller.ok('POST', '/events', {
    event: { transaction_id: 't', code: 'calls', external_subscription_id: 's', timestamp: 1_665_360_000 },
  });
  await acts.run('2022-10-15T12:00:00Z');
  await end();
  await acts.run('2022-10-15T12:00:01Z');
  expect((await invoices()).slice(-1)).toEqual([{ status: 'finalized', fees: 207, notes: 207, total: 0 }]);
  expect(await notes()).toMatchObject([{ credit: 1600, balance: 1393 }]);
});

test('a first invoice that is still to be made is made before, and credited', async () => {
  await customer();
  await subscribe();
  expect(await invoices()).toEqual([]);
  expect(await end()).toMatchObject({ status: 200 });
  expect(await invoices()).toMatchObject([{ status: 'finalized', fees: 3100 }]);
  expect(await notes()).toMatchObject([{ credit: 3000 }]);
  await acts.run('2022-10-01T00:00:01Z');
  expect((await invoices()).map(({ fees, notes: paid }) => [fees, paid])).toEqual([
    [3100, 0],
    [0, 0],
  ]);
});

test.each([
  ['', { credit: 1600 }],
  ['skip', undefined],
])('a first invoice that failed and is made after the end is credited then (%s)', async (option, expected) => {
  await customer();
  await subscribe();
  const failed = `update acts set state = 'failed', error = 'no price' where organization_id = $1 and kind = 'start' returning id`;
  const [act] = await app.rows<{ id: string }>(failed, [caller.organizationId]);
  await acts.run('2022-10-15T12:00:00Z');
  expect(await end(option)).toMatchObject({ status: 200 });
  await acts.run('2022-10-15T12:00:00Z');
  expect(await notes()).toEqual([]);
  await caller.ok('POST', `/workflows/${encodeURIComponent(act!.id)}/retry`);
  await acts.run('2022-10-16T12:00:00Z');
  expect(await invoices()).toMatchObject([{ fees: 0 }, { status: 'finalized', fees: 3100 }]);
  expect(await notes()).toMatchObject(expected === undefined ? [] : [expected]);
});

test('the note of a draft is a draft', async () => {
  await customer({ billing_configuration: { invoice_grace_period: 30 } });
  await subscribe();
  await acts.run('2022-10-15T12:00:00Z');
  await end();
  expect(await notes()).toMatchObject([{ status: 'draft', credit: 1600, balance: 1600 }]);
});

test.each([
  [
    'at its date',
    1600,
    async () => caller.ok('PUT', '/subscriptions/s', { subscription: { ending_at: '2022-10-15T12:00:00Z' } }),
  ],
  ['with its plan', 1700, async () => caller.ok('DELETE', '/plans/p')],
  ['with its customer', 1700, async () => caller.ok('DELETE', '/customers/acme')],
])('a subscription that ends %s is credited too', async (_how, credit, ends) => {
  await customer();
  await subscribe();
  await acts.run('2022-10-14T12:00:00Z');
  await ends();
  await acts.advance('2022-10-16T00:00:00Z');
  expect(await notes()).toMatchObject([{ credit, ended: 's' }]);
});

describe('while the taxes of the period are not known', () => {
  const awaiting = async () => {
    await tax('20');
    await customer();
    await app.rows(`update customers set tax_provider_code = 'ours' where organization_id = $1`, [
      caller.organizationId,
    ]);
    await subscribe();
    await acts.run('2022-10-14T12:00:00Z');
    expect(await invoices()).toMatchObject([{ status: 'pending' }]);
  };

  test('a request is refused, and nothing is ended', async () => {
    await awaiting();
    expect(await end()).toMatchObject({ status: 405, body: { code: 'cannot_terminate_with_pending_taxes' } });
    expect((await caller.ok('GET', '/subscriptions/s')) as object).toMatchObject({
      subscription: { status: 'active' },
    });
    // Whoever wants no credit note need not wait.
    expect(await end('skip')).toMatchObject({ status: 200 });
  });

  test('a subscription that ends at its date is credited when they are known, once', async () => {
    await caller.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: 'https://hooks.test' } });
    await awaiting();
    await caller.ok('PUT', '/subscriptions/s', { subscription: { ending_at: '2022-10-15T12:00:00Z' } });
    await acts.advance('2022-10-16T00:00:00Z');
    expect((await caller.ok('GET', '/subscriptions/s?status=terminated')) as object).toMatchObject({
      subscription: { status: 'terminated' },
    });
    expect(await notes()).toEqual([]);
    await app.rows(`update customers set tax_provider_code = null where organization_id = $1`, [caller.organizationId]);
    await acts.advance('2022-10-17T00:00:00Z');
    // The last invoice has nothing to tax: it has the first number.
    expect(await notes()).toMatchObject([{ status: 'finalized', number: 'ORG-1-001-002-CN001', credit: 1920 }]);
    expect((await webhooks()).filter((type) => type === 'credit_note.created')).toHaveLength(1);
  });
});
