// What becomes of a subscription from its start to its end, by the activities themselves on a real database: the tables
// of spec, subscriptions-and-invoices 2 to 5.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { recordBillingFailure } from '../../../activities/subscriptions/record-billing-failure.ts';
import { activityDependencies } from '../../support/activity-dependencies.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { at, asPlain, listeningApp, validationErrors, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization({ document_number_prefix: 'ORG-1' });
  acts = actsByHand(app.orm, caller.organizationId);
});
afterAll(() => app.close());

const plan = (attributes: object = {}) =>
  caller.ok('POST', '/plans', {
    plan: {
      name: 'Plan',
      code: 'p',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: false,
      ...attributes,
    },
  });

const subscribe = (attributes: object = {}) =>
  caller.send('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c1', external_id: 's1', plan_code: 'p', ...attributes },
  });

const end = (query = '') => caller.send('DELETE', `/subscriptions/s1${query}`);

interface ShownInvoice {
  readonly total: number;
  readonly issued: string;
  readonly reason: string;
  readonly from: string;
  readonly to: string;
}

async function invoices(): Promise<ShownInvoice[]> {
  const rows = await app.rows<{ id: string }>(
    `select id from invoices where organization_id = $1 and status in ('finalized', 'draft') order by sequential_id`,
    [caller.organizationId],
  );
  const shown = await Promise.all(rows.map(({ id }) => caller.ok('GET', `/invoices/${id}`)));
  return shown.map((body) => ({
    // What was credited for the rest of a period pays a part of it.
    total: at(body, 'invoice.sub_total_including_taxes_amount_cents') as number,
    issued: at(body, 'invoice.issuing_date') as string,
    reason: (at(body, 'invoice.billing_periods.0.invoicing_reason') as string).replace('subscription_', ''),
    from: (at(body, 'invoice.billing_periods.0.subscription_from_datetime') as string).slice(0, 10),
    to: (at(body, 'invoice.billing_periods.0.subscription_to_datetime') as string).slice(0, 10),
  }));
}

const totals = async () => (await invoices()).map(({ total, issued, reason }) => [reason, issued, total]);

const subscription = async (status = 'active') =>
  at(await caller.ok('GET', `/subscriptions/s1?status=${status}`), 'subscription');

const openActs = async () =>
  (
    await app.rows<{ kind: string }>(
      `select kind from acts where organization_id = $1 and state in ('wanted', 'waiting', 'working') order by kind`,
      [caller.organizationId],
    )
  ).map(({ kind }) => kind);

describe('a plan in advance', () => {
  test('is billed at its start for the rest of the period, then at each beginning', async () => {
    await acts.run('2024-03-15T10:00:00Z');
    await plan({ pay_in_advance: true });
    await subscribe();
    await acts.advance('2024-05-01T00:00:00Z');
    expect(await invoices()).toEqual([
      { total: 1700, issued: '2024-03-15', reason: 'starting', from: '2024-03-15', to: '2024-03-31' },
      { total: 3100, issued: '2024-04-01', reason: 'periodic', from: '2024-04-01', to: '2024-04-30' },
      { total: 3100, issued: '2024-05-01', reason: 'periodic', from: '2024-05-01', to: '2024-05-31' },
    ]);
  });

  test('on its anniversaries costs the full price from the first day (spec, subscriptions-and-invoices 5.2.3)', async () => {
    await acts.run('2024-01-30T00:00:00Z');
    await plan({ pay_in_advance: true });
    await subscribe({ billing_time: 'anniversary' });
    await acts.advance('2024-03-30T00:00:00Z');
    expect((await invoices()).map(({ from, to, total }) => [from, to, total])).toEqual([
      ['2024-01-30', '2024-02-28', 3100],
      ['2024-02-29', '2024-03-29', 3100],
      ['2024-03-30', '2024-04-29', 3100],
    ]);
  });

  test('started in the past bills nothing for it, and the full price at the next beginning', async () => {
    await acts.run('2024-03-15T10:00:00Z');
    await plan({ pay_in_advance: true });
    await subscribe({ subscription_at: '2024-01-10T00:00:00Z' });
    await acts.run('2024-03-16T10:00:00Z');
    expect(await invoices()).toEqual([]);
    await acts.advance('2024-04-01T00:00:00Z');
    expect(await totals()).toEqual([['periodic', '2024-04-01', 3100]]);
  });

  test('bills what was used when it ends, but no fee again', async () => {
    await acts.run('2024-03-15T10:00:00Z');
    const metric = await caller.ok('POST', '/billable_metrics', {
      billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' },
    });
    await plan({
      pay_in_advance: true,
      charges: [
        {
          billable_metric_id: at(metric, 'billable_metric.lago_id'),
          charge_model: 'standard',
          properties: { amount: '2' },
        },
      ],
    });
    await subscribe();
    await acts.run('2024-03-15T10:00:00Z');
    await acts.run('2024-03-20T10:00:00Z');
    await caller.ok('POST', '/events', {
      event: { transaction_id: 't1', external_subscription_id: 's1', code: 'calls' },
    });
    await acts.run('2024-03-25T10:00:00Z');
    expect(at((await end()).body, 'subscription.on_termination_credit_note')).toBe('credit');
    await acts.run('2024-03-25T10:00:00Z');
    expect(await totals()).toEqual([
      ['starting', '2024-03-15', 1700],
      ['terminating', '2024-03-25', 200],
    ]);
  });
});

describe('a trial', () => {
  // The table of spec, subscriptions-and-invoices 5.3.
  test.each([
    [10, [['starting', '2024-03-15', 2741935]]],
    [
      45,
      [
        ['periodic', '2024-04-01', 0],
        ['starting', '2024-04-19', 2000000],
      ],
    ],
  ])('of %d days is paid for when it ends', async (trial_period, expected) => {
    await acts.run('2024-03-05T12:12:00Z');
    await plan({ pay_in_advance: true, amount_cents: 5_000_000, trial_period });
    await subscribe();
    await acts.advance('2024-04-30T23:00:00Z');
    const billed = await totals();
    const withoutFullMonths = billed.filter(([reason, , total]) => reason === 'starting' || total !== 5_000_000);
    expect(withoutFullMonths).toEqual(expected);
  });

  test('is noted once, and is over for good with this external id', async () => {
    await acts.run('2024-03-01T00:00:00Z');
    await plan({ pay_in_advance: true, trial_period: 5 });
    await subscribe();
    expect(await invoices()).toEqual([]);
    await acts.advance('2024-03-10T00:00:00Z');
    expect(await subscription()).toMatchObject({ trial_ended_at: '2024-03-06T00:00:00Z' });
    await end();
    await acts.run('2024-03-11T00:00:00Z');
    await subscribe();
    await acts.run('2024-03-11T00:00:01Z');
    expect((await totals()).map(([reason]) => reason)).toEqual(['starting', 'terminating', 'starting']);
    // 21 of 31 days from 11 March, no second trial.
    expect((await totals()).at(-1)?.[2]).toBe(2100);
  });

  test('that ends on a day that the period billed is noted, and billed no second time', async () => {
    await acts.run('2024-03-01T12:00:00Z');
    await caller.ok('POST', '/customers', { customer: { external_id: 'c1', timezone: 'Europe/Paris' } });
    await plan({ pay_in_advance: true, trial_period: 31 });
    await subscribe();
    await acts.advance('2024-04-30T00:00:00Z');
    expect(await subscription()).toMatchObject({ trial_ended_at: '2024-04-01T12:00:00Z' });
    expect(await totals()).toEqual([['periodic', '2024-04-01', 3100]]);
  });

  test('that was over before the subscription was made has nothing left to bill', async () => {
    await acts.run('2024-03-20T12:00:00Z');
    await plan({ pay_in_advance: true, trial_period: 5 });
    await subscribe({ subscription_at: '2024-03-01T00:00:00Z' });
    await acts.advance('2024-03-31T00:00:00Z');
    expect(await subscription()).toMatchObject({ trial_ended_at: '2024-03-06T00:00:00Z' });
    expect(await totals()).toEqual([]);
    await acts.advance('2024-04-01T00:00:00Z');
    expect(await totals()).toEqual([['periodic', '2024-04-01', 3100]]);
  });

  test('of a plan in arrears only shortens the fee', async () => {
    await acts.run('2024-01-01T00:00:00Z');
    await plan({ amount_cents: 100, trial_period: 3 });
    await subscribe();
    await acts.advance('2024-02-01T00:00:00Z');
    expect(await totals()).toEqual([['periodic', '2024-02-01', 90]]);
    expect(await subscription()).toMatchObject({ trial_ended_at: '2024-01-04T00:00:00Z' });
  });
});

describe('a later start', () => {
  test('waits for its local day', async () => {
    await acts.run('2024-03-01T10:00:00Z');
    await caller.ok('POST', '/customers', { customer: { external_id: 'c1', timezone: 'America/New_York' } });
    await plan({ pay_in_advance: true });
    const { headers, body } = await subscribe({ subscription_at: '2024-03-10T20:00:00Z' });
    expect(at(body, 'subscription.status')).toBe('pending');
    expect(headers.get('Durabill-Workflow-Id')).toBe(`activate/${at(body, 'subscription.lago_id') as string}`);
    await acts.advance('2024-03-10T04:59:59Z');
    expect(await subscription('pending')).toMatchObject({ started_at: null });
    await acts.advance('2024-03-10T05:00:00Z');
    expect(await subscription()).toMatchObject({ started_at: '2024-03-10T05:00:00.000Z' });
    // 22 of 31 days.
    expect(await totals()).toEqual([['starting', '2024-03-10', 2200]]);
  });

  test('moves with its date, and begins at once when that has come', async () => {
    await acts.run('2024-03-01T10:00:00Z');
    await plan();
    await subscribe({ subscription_at: '2024-04-01T00:00:00Z' });
    await caller.ok('PUT', '/subscriptions/s1', { subscription: { subscription_at: '2024-03-05T00:00:00Z' } });
    await acts.advance('2024-03-05T00:00:00Z');
    expect(await subscription()).toMatchObject({ status: 'active', subscription_at: '2024-03-05T00:00:00Z' });

    await subscribe({ external_id: 's2', subscription_at: '2024-05-01T00:00:00Z' });
    await caller.ok('PUT', '/subscriptions/s2', { subscription: { subscription_at: '2024-03-02T00:00:00Z' } });
    expect(at(await caller.ok('GET', '/subscriptions/s2'), 'subscription')).toMatchObject({
      status: 'active',
      started_at: '2024-03-02T00:00:00.000Z',
    });
    expect((await openActs()).filter((kind) => kind === 'activate')).toEqual([]);
  });

  test('can be canceled', async () => {
    await acts.run('2024-03-01T10:00:00Z');
    await plan();
    await subscribe({ subscription_at: '2024-04-01T00:00:00Z' });
    expect(asPlain(await end())).toMatchObject({ status: 404 });
    expect(at((await end('?status=pending')).body, 'subscription.status')).toBe('canceled');
    await acts.advance('2024-05-02T00:00:00Z');
    expect(await invoices()).toEqual([]);
    expect(await openActs()).toEqual([]);
  });

  test('takes another plan in place', async () => {
    await acts.run('2024-03-01T10:00:00Z');
    await plan();
    await plan({ code: 'q', amount_cents: 6000 });
    await subscribe({ subscription_at: '2024-04-01T00:00:00Z' });
    const { body } = await subscribe({ subscription_at: '2024-04-01T00:00:00Z', plan_code: 'q', name: 'New' });
    expect(at(body, 'subscription')).toMatchObject({ plan_code: 'q', name: 'New', status: 'pending' });
  });
});

describe('an ending', () => {
  test('bills what was left and leaves nothing open', async () => {
    await acts.run('2024-03-01T00:00:00Z');
    await plan();
    await subscribe({ ending_at: '2024-04-20T12:00:00Z' });
    await acts.advance('2024-06-01T00:00:00Z');
    expect(await totals()).toEqual([
      ['periodic', '2024-04-01', 3100],
      // 20 of 30 days.
      ['terminating', '2024-04-20', 2067],
    ]);
    expect(await subscription('terminated')).toMatchObject({ terminated_at: '2024-04-20T12:00:00Z' });
    expect(await openActs()).toEqual([]);
  });

  test('can be moved and taken back', async () => {
    await acts.run('2024-03-01T00:00:00Z');
    await plan();
    await subscribe({ ending_at: '2024-03-20T12:00:00Z' });
    await caller.ok('PUT', '/subscriptions/s1', { subscription: { ending_at: null } });
    await acts.advance('2024-04-01T00:00:00Z');
    await caller.ok('PUT', '/subscriptions/s1', { subscription: { ending_at: '2024-04-02T00:00:00Z' } });
    await acts.advance('2024-05-01T00:00:00Z');
    expect(await totals()).toEqual([
      ['periodic', '2024-04-01', 3100],
      ['terminating', '2024-04-02', 207],
    ]);
  });

  test('that was missed is made up at its own moment', async () => {
    await acts.run('2024-03-01T00:00:00Z');
    await plan();
    await subscribe({ ending_at: '2024-03-11T00:00:00Z' });
    await acts.run('2024-05-15T08:00:00Z');
    expect(await subscription('terminated')).toMatchObject({ terminated_at: '2024-03-11T00:00:00Z' });
    expect(await totals()).toEqual([['terminating', '2024-05-15', 1100]]);
  });

  test.each(['2024-03-01T23:00:00Z', '2024-02-01T00:00:00Z', 'soon'])('on %s is refused', async (ending_at) => {
    await acts.run('2024-03-01T00:00:00Z');
    await plan();
    expect(asPlain(await subscribe({ ending_at }))).toEqual(validationErrors({ ending_at: ['invalid_date'] }));
  });
});

describe('a termination', () => {
  test('bills the days used, and nothing that comes later', async () => {
    await acts.run('2024-03-01T00:00:00Z');
    await plan();
    await subscribe();
    await acts.advance('2024-04-10T15:00:00Z');
    const { headers, body } = await end();
    expect(headers.get('Durabill-Workflow-Id')).toBe(`end/${at(body, 'subscription.lago_id') as string}`);
    await acts.advance('2024-07-01T00:00:00Z');
    expect(await totals()).toEqual([
      ['periodic', '2024-04-01', 3100],
      ['terminating', '2024-04-10', 1033],
    ]);
    expect(await openActs()).toEqual([]);
    expect(asPlain(await end())).toMatchObject({ status: 404 });
  });

  test('first makes up what is due, each day by itself (spec, subscriptions-and-invoices 4.5.6)', async () => {
    await acts.run('2024-01-15T00:00:00Z');
    await plan();
    await subscribe();
    await app.rows('update organizations set clock_now = $2 where id = $1', [
      caller.organizationId,
      '2024-03-11T09:00:00Z',
    ]);
    await end();
    await acts.run('2024-03-11T09:00:00Z');
    expect(await totals()).toEqual([
      ['periodic', '2024-03-11', 1700],
      ['periodic', '2024-03-11', 3100],
      ['terminating', '2024-03-11', 1100],
    ]);
    expect(await openActs()).toEqual([]);
  });

  test('on the billing day takes over the period that closes, once (spec, subscriptions-and-invoices 3.4)', async () => {
    await acts.run('2024-03-01T00:00:00Z');
    await plan();
    await subscribe();
    await app.rows('update organizations set clock_now = $2 where id = $1', [
      caller.organizationId,
      '2024-04-01T07:00:00Z',
    ]);
    await end();
    await acts.run('2024-04-01T07:00:00Z');
    await acts.advance('2024-05-02T00:00:00Z');
    expect(await invoices()).toEqual([
      { total: 3100, issued: '2024-04-01', reason: 'terminating', from: '2024-03-01', to: '2024-03-31' },
    ]);
  });

  test('without an invoice bills nothing', async () => {
    await acts.run('2024-03-01T00:00:00Z');
    await plan();
    await subscribe();
    await acts.advance('2024-03-10T15:00:00Z');
    expect(at((await end('?on_termination_invoice=skip')).body, 'subscription')).toMatchObject({
      status: 'terminated',
      on_termination_invoice: 'skip',
    });
    await acts.advance('2024-05-01T00:00:00Z');
    expect(await invoices()).toEqual([]);
  });

  test('goes on where it ended when the same external id comes again, started in the past', async () => {
    await acts.run('2024-03-01T00:00:00Z');
    await plan();
    await subscribe();
    await acts.advance('2024-03-10T15:00:00Z');
    await end();
    await acts.run('2024-03-20T00:00:00Z');
    const { body } = await subscribe({ subscription_at: '2024-03-05T00:00:00Z' });
    expect(at(body, 'subscription.started_at')).toBe('2024-03-10T15:00:00.000Z');
  });

  test('does not lose a period that could not be billed before', async () => {
    await acts.run('2024-03-01T00:00:00Z');
    const metric = await caller.ok('POST', '/billable_metrics', {
      billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' },
    });
    await plan({
      charges: [
        {
          billable_metric_id: at(metric, 'billable_metric.lago_id'),
          charge_model: 'standard',
          properties: { amount: '2' },
        },
      ],
    });
    await subscribe();
    const spoil = (amount: string) =>
      app.rows('update charges set properties = $2 where organization_id = $1', [
        caller.organizationId,
        JSON.stringify({ amount }),
      ]);
    await spoil('not a price');
    await app.rows('update organizations set clock_now = $2 where id = $1', [
      caller.organizationId,
      '2024-04-05T00:00:00Z',
    ]);
    // What is due cannot be billed; the request ends the subscription all the same.
    expect((await end()).status).toBe(200);
    await spoil('2');
    await acts.run('2024-04-05T00:00:00Z');
    const billed = await totals();
    expect(billed).toHaveLength(2);
    expect(billed).toContainEqual(['periodic', '2024-04-05', 3100]);
    expect(billed).toContainEqual(['terminating', '2024-04-05', 517]);
  });
});

describe('what has ended', () => {
  test.each(['terminated', 'canceled', 'x'])('is not ended again by asking for the %s one', async (status) => {
    await acts.run('2024-01-10T00:00:00Z');
    await plan();
    await subscribe();
    await end();
    await subscribe({ external_id: 's2', subscription_at: '2024-03-01T00:00:00Z' });
    await caller.ok('DELETE', '/subscriptions/s2?status=pending');
    await acts.run('2024-01-20T00:00:00Z');
    for (const id of ['s1', 's2']) {
      expect((await caller.send('DELETE', `/subscriptions/${id}?status=${status}`)).status).toBe(404);
    }
    expect(await subscription('terminated')).toMatchObject({ terminated_at: '2024-01-10T00:00:00Z' });
    expect(at(await caller.ok('GET', '/subscriptions/s2?status=canceled'), 'subscription.status')).toBe('canceled');
  });

  test('is not billed again by the next with its external id, be it on the same day or by a moved start', async () => {
    await acts.run('2024-01-01T00:00:00Z');
    await plan();
    await subscribe();
    await acts.run('2024-01-20T15:00:00Z');
    await end();
    await acts.run('2024-01-20T15:00:00Z');
    await subscribe({ subscription_at: '2024-01-20T03:00:00Z' });
    expect(await subscription()).toMatchObject({ started_at: '2024-01-20T15:00:00.000Z' });
    await acts.run('2024-01-25T15:00:00Z');
    await end();
    await subscribe({ subscription_at: '2024-03-01T00:00:00Z' });
    const moved = { subscription: { subscription_at: '2024-01-05T00:00:00Z' } };
    await caller.ok('PUT', '/subscriptions/s1?status=pending', moved);
    expect(await subscription()).toMatchObject({ started_at: '2024-01-25T15:00:00.000Z' });
  });

  test('was active for its first invoice, also when it ended in the same second', async () => {
    await acts.run('2024-03-01T00:00:00Z');
    await plan({ pay_in_advance: true });
    await subscribe();
    await end();
    await acts.run('2024-03-01T00:00:00Z');
    expect((await totals()).find(([reason]) => reason === 'starting')).toEqual(['starting', '2024-03-01', 3100]);
  });
});

test('one that is canceled before it starts leaves nothing to do', async () => {
  await acts.run('2024-01-10T00:00:00Z');
  await plan();
  await subscribe({ subscription_at: '2024-02-01T00:00:00Z' });
  expect(await openActs()).toEqual(['activate']);
  await end('?status=pending');
  expect(await openActs()).toEqual([]);
});

test('a start does not move behind the end', async () => {
  await acts.run('2024-01-10T00:00:00Z');
  await plan();
  await subscribe({ subscription_at: '2024-02-01T00:00:00Z', ending_at: '2024-02-10T00:00:00Z' });
  const moved = { subscription: { subscription_at: '2024-03-01T00:00:00Z' } };
  const answer = await caller.send('PUT', '/subscriptions/s1?status=pending', moved);
  expect(asPlain(answer)).toEqual(validationErrors({ ending_at: ['invalid_date'] }));
  expect(await subscription('pending')).toMatchObject({ subscription_at: '2024-02-01T00:00:00Z' });
});

test('of two customers who want one external id at once, for a later start, one gets it', async () => {
  await acts.run('2024-01-10T00:00:00Z');
  await plan();
  const wanted = (external_customer_id: string) =>
    subscribe({ external_customer_id, subscription_at: '2024-02-01T00:00:00Z' });
  for (const id of ['c1', 'c2']) await caller.ok('POST', '/customers', { customer: { external_id: id } });
  const answers = await Promise.all([wanted('c1'), wanted('c2')]);
  expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 422]);
  expect(asPlain(answers.find(({ status }) => status === 422)!)).toEqual(
    validationErrors({ external_id: ['value_already_exist'] }),
  );
});

describe('what nothing has done in time, when somebody ends the subscription', () => {
  const jump = (to: string) =>
    app.rows('update organizations set clock_now = $2 where id = $1', [caller.organizationId, to]);

  test('is made up: the end of a trial and each period after it', async () => {
    await acts.run('2023-03-05T12:00:00Z');
    await plan({ pay_in_advance: true, trial_period: 10 });
    await subscribe();
    await jump('2023-05-20T00:00:00Z');
    await end();
    await acts.run('2023-05-20T00:00:00Z');
    expect((await totals()).map(([reason, , total]) => [reason, total])).toEqual([
      ['starting', 1700],
      ['periodic', 3100],
      ['periodic', 3100],
      ['terminating', 0],
    ]);
  });

  test('is made up: periods behind an announcement', async () => {
    await acts.run('2023-01-01T00:00:00Z');
    await plan();
    await subscribe({ ending_at: '2023-04-15T00:00:00Z' });
    await jump('2023-04-10T00:00:00Z');
    await end();
    await acts.run('2023-04-10T00:00:00Z');
    expect((await totals()).map(([reason, , total]) => [reason, total])).toEqual([
      ['periodic', 3100],
      ['periodic', 3100],
      ['periodic', 3100],
      ['terminating', 1033],
    ]);
  });

  test('is made up: an end that has passed, and there is nothing left to end', async () => {
    await acts.run('2023-01-01T00:00:00Z');
    await plan();
    await subscribe({ ending_at: '2023-01-15T10:00:00Z' });
    await jump('2023-01-25T00:00:00Z');
    expect((await end()).status).toBe(404);
    await acts.run('2023-01-25T00:00:00Z');
    expect(await subscription('terminated')).toMatchObject({ terminated_at: '2023-01-15T10:00:00Z' });
    expect((await totals()).map(([reason, , total]) => [reason, total])).toEqual([['terminating', 1500]]);
  });

  test('is billed though the last invoice is skipped on a due day', async () => {
    await acts.run('2023-01-01T00:00:00Z');
    await plan();
    await subscribe();
    await jump('2023-02-01T00:00:30Z');
    await end('?on_termination_invoice=skip');
    await acts.run('2023-02-01T00:00:30Z');
    expect((await totals()).map(([reason, , total]) => [reason, total])).toEqual([['terminating', 3100]]);
    expect(await openActs()).toEqual([]);
  });
});

describe('an invoice that is made late', () => {
  test('of a first period says what it would have said in time', async () => {
    await acts.run('2023-01-15T00:00:00Z');
    await plan();
    await subscribe();
    await acts.run('2023-01-20T00:00:00Z');
    await app.rows(`update organizations set clock_now = '2023-02-01T00:00:00Z' where id = $1`, [
      caller.organizationId,
    ]);
    const [first] = await app.rows<{ id: string }>(
      `select id from acts where organization_id = $1 and kind = 'period'`,
      [caller.organizationId],
    );
    const dependencies = activityDependencies(app.orm, () => new Date(0));
    const act = { actId: first!.id, organizationId: caller.organizationId };
    await recordBillingFailure(dependencies, act, 'a failure of the test');
    await acts.advance('2023-03-02T00:00:00Z');
    await caller.ok('POST', `/workflows/${encodeURIComponent(first!.id)}/retry`);
    await acts.run('2023-03-02T00:00:00Z');
    expect((await invoices()).map(({ from, total }) => [from, total])).toEqual([
      ['2023-02-01', 3100],
      ['2023-01-15', 1700],
    ]);
    const billedTo = () =>
      app.rows(`select last_billing_day::text as day from subscriptions where organization_id = $1`, [
        caller.organizationId,
      ]);
    expect(await billedTo()).toEqual([{ day: '2023-03-01' }]);
    await acts.advance('2023-04-02T00:00:00Z');
    expect((await invoices()).map(({ from }) => from)).toEqual(['2023-02-01', '2023-01-15', '2023-03-01']);
    expect(await billedTo()).toEqual([{ day: '2023-04-01' }]);
  });

  test('comes before the first period’s, whichever workflow is woken first', async () => {
    await acts.run('2023-01-31T23:50:00Z');
    await plan({ pay_in_advance: true });
    await subscribe();
    // The act of the first invoice has found no worker by the end of the period.
    await app.rows(`update acts set due_at = '2023-02-01T00:30:00Z' where organization_id = $1 and kind = 'start'`, [
      caller.organizationId,
    ]);
    await acts.run('2023-02-01T01:00:00Z');
    expect((await totals()).map(([reason, , total]) => [reason, total])).toEqual([
      ['starting', 100],
      ['periodic', 3100],
    ]);
  });
});
