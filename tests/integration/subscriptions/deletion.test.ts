// What follows from the deletion of a customer and of a plan, by the activities themselves on a real database: spec,
// subscriptions-and-invoices 1.6, 2.11, 11.2.
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { deleteCustomer } from '../../../activities/customers/delete-customer.ts';
import { deletePlan } from '../../../activities/plans/delete-plan.ts';
import { activityDependencies } from '../../support/activity-dependencies.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { asPlain, at, listeningApp, notFound, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization({ document_number_prefix: 'ORG-1' });
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2023-01-01T00:00:00Z');
  for (const [code, pay_in_advance] of [
    ['arrears', false],
    ['advance', true],
  ] as const) {
    await caller.ok('POST', '/plans', {
      plan: { name: code, code, interval: 'monthly', amount_cents: 3100, amount_currency: 'EUR', pay_in_advance },
    });
  }
});
afterAll(() => app.close());

const subscribe = (customer: string, id: string, attributes: object = {}) =>
  caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: customer, external_id: id, plan_code: 'arrears', ...attributes },
  });

const subscriptions = () =>
  app.rows<{ id: string; status: string; ended: string | null; open: number }>(
    `select external_id as id, status, to_char(terminated_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as ended,
       (select count(*)::int from acts where acts.subscription_id = subscriptions.id and acts.state <> 'done') as open
     from subscriptions where organization_id = $1 order by external_id`,
    [caller.organizationId],
  );

/** Totals of the invoices by day of issue and, within a day, by number. */
const invoices = async () =>
  (
    await app.rows<{ day: string; total: string; status: string }>(
      `select issuing_date::text as day, sub_total_including_taxes_amount_cents::text as total, status from invoices
       where organization_id = $1 order by issuing_date, number`,
      [caller.organizationId],
    )
  ).map(({ day, total, status }) => `${day} ${total} ${status}`);

const totals = async () => (await invoices()).map((invoice) => invoice.split(' ').slice(1).join(' ')).toSorted();

const openActs = () =>
  app.rows('select id from acts where organization_id = $1 and state <> $2 and not aside', [
    caller.organizationId,
    'done',
  ]);

const dependencies = () => activityDependencies(app.orm, () => new Date(0));
const argumentOf = async (kind: string) => {
  const [act] = await app.rows<{ argument: never }>(
    'select argument from acts where organization_id = $1 and kind = $2',
    [caller.organizationId, kind],
  );
  return act!.argument;
};

describe('a deleted customer', () => {
  test('has its drafts made final five minutes later, those of its last invoices too', async () => {
    await caller.ok('POST', '/customers', {
      customer: { external_id: 'c1', billing_configuration: { invoice_grace_period: 3 } },
    });
    await subscribe('c1', 'paid', { plan_code: 'advance' });
    await subscribe('c1', 'runs');
    await acts.run('2023-01-02T12:00:00Z');
    await caller.ok('DELETE', '/customers/c1');
    await acts.run('2023-01-02T12:00:00Z');
    await acts.advance('2023-01-02T12:04:59Z');
    const statuses = async () => (await invoices()).map((line) => line.split(' ')[2]);
    expect(await statuses()).toEqual(['draft', 'draft', 'draft']);
    await acts.advance('2023-01-02T12:05:00Z');
    expect(await statuses()).toEqual(['finalized', 'finalized', 'finalized']);
    expect(await openActs()).toEqual([]);
  });

  test('gets the last invoices of what runs; what has not begun is canceled', async () => {
    await subscribe('c1', 'runs');
    await subscribe('c1', 'paid', { plan_code: 'advance' });
    await subscribe('c1', 'later', { subscription_at: '2023-03-01T00:00:00Z' });
    await subscribe('c2', 'other');
    await acts.run('2023-01-01T00:00:00Z');
    await acts.run('2023-01-10T12:00:00Z');
    await caller.ok('DELETE', '/customers/c1');
    await acts.run('2023-01-10T12:00:00Z');
    expect(await subscriptions()).toEqual([
      { id: 'later', status: 'canceled', ended: null, open: 0 },
      { id: 'other', status: 'active', ended: null, open: 1 },
      { id: 'paid', status: 'terminated', ended: '2023-01-10 12:00', open: 0 },
      { id: 'runs', status: 'terminated', ended: '2023-01-10 12:00', open: 0 },
    ]);
    expect(await invoices()).toEqual([
      '2023-01-01 3100 finalized',
      '2023-01-10 1000 finalized',
      '2023-01-10 0 finalized',
    ]);
    await acts.advance('2023-04-02T00:00:00Z');
    expect(await openActs()).toHaveLength(1);
  });

  test('is gone, its external id is free, and its invoices can be read', async () => {
    await subscribe('c1', 'runs');
    await acts.advance('2023-02-02T00:00:00Z');
    await caller.ok('DELETE', '/customers/c1');
    await acts.run('2023-02-02T00:00:00Z');
    expect(asPlain(await caller.send('GET', '/customers/c1'))).toEqual(notFound('customer'));
    const list = await caller.ok('GET', '/invoices');
    expect(at(list, 'meta.total_count')).toBe(2);
    expect(at(list, 'invoices.0.customer.external_id')).toBe('c1');
    expect((await caller.send('GET', `/invoices/${String(at(list, 'invoices.0.lago_id'))}`)).status).toBe(200);
    await subscribe('c1', 'runs');
    expect(
      (await subscriptions()).map(({ status }) => status).toSorted((one, other) => (one < other ? -1 : 1)),
    ).toEqual(['active', 'terminated']);
  });

  test.each(['1970-01-01T00:00:00Z', '2099-01-01T00:00:00Z'])(
    'is billed for the days that its own clock has passed, whatever time it is (%s)',
    async (realNow) => {
      await subscribe('c1', 'runs');
      await acts.run('2023-01-01T00:00:00Z');
      await caller.send('PUT', '/test_clock', { test_clock: { frozen_time: '2023-03-15T00:00:00Z', mode: 'jump' } });
      await caller.ok('DELETE', '/customers/c1');
      const argument = await argumentOf('deleteCustomer');
      await deleteCustomer(
        activityDependencies(app.orm, () => new Date(realNow)),
        argument,
      );
      await acts.run('2023-03-15T00:00:00Z');
      // January, February, and March to its end: 15 of 31 days.
      expect(await totals()).toEqual(['1500 finalized', '3100 finalized', '3100 finalized']);
    },
  );

  test('is billed for the days that were missed, each with an invoice of its own', async () => {
    await subscribe('c1', 'runs');
    // Jumps: nothing ran in between.
    await app.rows(`update organizations set clock_now = '2023-03-10T12:00:00Z' where id = $1`, [
      caller.organizationId,
    ]);
    await caller.ok('DELETE', '/customers/c1');
    await acts.run('2023-03-10T12:00:00Z');
    expect(await invoices()).toEqual([
      '2023-03-10 3100 finalized',
      '2023-03-10 3100 finalized',
      '2023-03-10 1000 finalized',
    ]);
    expect(await openActs()).toEqual([]);
  });

  test('ends when it was deleted, however late the worker comes to it', async () => {
    await subscribe('c1', 'runs');
    await acts.run('2023-01-10T12:00:00Z');
    await caller.ok('DELETE', '/customers/c1');
    await acts.run('2023-01-20T12:00:00Z');
    expect(await subscriptions()).toMatchObject([{ status: 'terminated', ended: '2023-01-10 12:00' }]);
    expect(await invoices()).toEqual(['2023-01-20 1000 finalized']);
  });

  test.each([
    ['customer', 'DELETE /customers/c1'],
    ['plan', 'DELETE /plans/advance'],
  ])('or %s is not billed for what came after, however late the worker comes to it', async (_, request) => {
    await subscribe('c1', 'runs', { plan_code: 'advance' });
    await acts.advance('2023-03-10T00:00:00Z');
    const [method, path] = request.split(' ');
    await caller.ok(method!, path!);
    // The periods' own workflows wake before the deletion's.
    await app.rows(`update organizations set clock_now = '2023-06-02T00:00:00Z' where id = $1`, [
      caller.organizationId,
    ]);
    await app.rows(
      `update acts set due_at = '2023-06-01T00:00:00Z' where organization_id = $1 and kind like 'delete%'`,
      [caller.organizationId],
    );
    await acts.run('2023-06-02T00:00:00Z');
    expect(await subscriptions()).toMatchObject([{ status: 'terminated', ended: '2023-03-10 00:00', open: 0 }]);
    expect(await invoices()).toEqual([
      '2023-01-01 3100 finalized',
      '2023-02-01 3100 finalized',
      '2023-03-01 3100 finalized',
      '2023-06-02 0 finalized',
    ]);
  });

  test('on a due day has the period billed by its last invoice, however late the worker comes to it', async () => {
    await subscribe('c1', 'runs');
    await app.rows(`update organizations set clock_now = '2023-02-01T00:00:30Z' where id = $1`, [
      caller.organizationId,
    ]);
    await caller.ok('DELETE', '/customers/c1');
    await acts.run('2023-02-03T00:00:00Z');
    expect(await invoices()).toEqual(['2023-02-03 3100 finalized']);
  });

  test('says once that its subscriptions have ended', async () => {
    await caller.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: 'https://acme.test/hook' } });
    await subscribe('c1', 'runs');
    await subscribe('c1', 'later', { subscription_at: '2023-03-01T00:00:00Z' });
    await caller.ok('DELETE', '/customers/c1');
    await acts.run('2023-01-01T00:00:00Z');
    expect(
      await app.rows(
        `select count(*)::int as count from webhooks where organization_id = $1 and webhook_type = 'subscription.terminated'`,
        [caller.organizationId],
      ),
    ).toEqual([{ count: 2 }]);
  });

  test('gets its drafts made final five minutes later, the last invoices among them', async () => {
    await caller.ok('PUT', '/organizations', { organization: { billing_configuration: { invoice_grace_period: 30 } } });
    await subscribe('c1', 'runs');
    await acts.advance('2023-02-10T12:00:00Z');
    await caller.ok('DELETE', '/customers/c1');
    await acts.run('2023-02-10T12:04:59Z');
    expect(await totals()).toEqual(['1107 draft', '3100 draft']);
    // Their moment is not that of the settings any more.
    await caller.ok('PUT', '/organizations', { organization: { billing_configuration: { invoice_grace_period: 20 } } });
    await acts.run('2023-02-10T12:04:59Z');
    await acts.run('2023-02-10T12:05:00Z');
    expect(await totals()).toEqual(['1107 finalized', '3100 finalized']);
    expect(await openActs()).toEqual([]);
  });

  test('is left alone while somebody else works on it, and then goes on', async () => {
    await subscribe('c1', 'runs');
    // Two months were missed, too.
    await app.rows(`update organizations set clock_now = '2023-03-10T12:00:00Z' where id = $1`, [
      caller.organizationId,
    ]);
    const customer = await caller.ok('DELETE', '/customers/c1');
    await app.orm.em.fork().transactional(async (em) => {
      await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [at(customer, 'customer.lago_id')]);
      const argument = await argumentOf('deleteCustomer');
      expect(await deleteCustomer(dependencies(), argument)).toEqual({ outcome: 'busy' });
    });
    expect(await subscriptions()).toMatchObject([{ status: 'active' }]);
    expect(await invoices()).toEqual([]);
    await acts.run('2023-03-10T12:00:00Z');
    expect(await subscriptions()).toMatchObject([{ status: 'terminated', open: 0 }]);
  });
});

describe('a subscription that is to end', () => {
  /** Between the two transactions in which it is looked after: what was missed, and its end. */
  async function betweenTheSteps(meanwhile: () => Promise<void>, work: () => Promise<unknown>): Promise<void> {
    const outside = AsyncLocalStorage.snapshot();
    let came = false;
    const subscriber = {
      afterTransactionCommit: async (): Promise<void> => {
        if (came) return;
        came = true;
        await outside(meanwhile);
      },
    };
    const events = app.orm.em.getEventManager();
    events.registerSubscriber(subscriber);
    try {
      await work();
    } finally {
      events.getSubscribers().delete(subscriber);
    }
    expect(came).toBe(true);
  }

  test('is passed over when somebody takes its customer between the steps', async () => {
    await subscribe('c1', 'runs');
    await caller.ok('DELETE', '/plans/arrears');
    const argument = await argumentOf('deletePlan');
    const holder = app.orm.em.fork();
    await betweenTheSteps(
      async () => {
        await holder.begin();
        await holder.execute('select pg_advisory_xact_lock(hashtextextended(id::text, 0)) from customers');
      },
      async () => expect(await deletePlan(dependencies(), argument)).toEqual({ outcome: 'busy' }),
    );
    await holder.rollback();
    expect(await subscriptions()).toMatchObject([{ status: 'active' }]);
  });

  test('is left as it is when somebody has ended it between the steps', async () => {
    await caller.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: 'https://acme.test/hook' } });
    await subscribe('c1', 'runs');
    await acts.run('2023-01-10T12:00:00Z');
    await caller.ok('DELETE', '/plans/arrears');
    const argument = await argumentOf('deletePlan');
    await app.rows(`update organizations set clock_now = '2023-01-10T13:00:00Z' where id = $1`, [
      caller.organizationId,
    ]);
    await betweenTheSteps(
      async () => void (await caller.ok('DELETE', '/subscriptions/runs')),
      () => deletePlan(dependencies(), argument),
    );
    expect(await subscriptions()).toMatchObject([{ status: 'terminated', ended: '2023-01-10 13:00' }]);
    const told = `select 1 from webhooks where organization_id = $1 and webhook_type = 'subscription.terminated'`;
    expect(await app.rows(told, [caller.organizationId])).toHaveLength(1);
  });

  test.each([
    ['started', `started_at = '2023-01-15T00:00:00Z'`],
    ['billed', `last_billing_day = '2023-01-15'`],
  ])('ends now when it was %s after the moment at which it was to end', async (_, wentOn) => {
    await subscribe('c1', 'runs');
    await acts.run('2023-01-10T12:00:00Z');
    await caller.ok('DELETE', '/plans/arrears');
    await app.rows(`update subscriptions set ${wentOn} where organization_id = $1`, [caller.organizationId]);
    await acts.run('2023-01-20T12:00:00Z');
    expect(await subscriptions()).toMatchObject([{ status: 'terminated', ended: '2023-01-20 12:00' }]);
  });

  test('keeps its plan to be read until its last invoice is made, which may become a draft', async () => {
    await subscribe('c1', 'runs');
    await acts.run('2023-01-10T12:00:00Z');
    await caller.ok('DELETE', '/plans/arrears');
    const argument = await argumentOf('deletePlan');
    for (const _ of [1, 2]) expect(await deletePlan(dependencies(), argument)).toEqual({ outcome: 'waiting' });
    expect(at(await caller.ok('GET', '/plans/arrears'), 'plan.pending_deletion')).toBe(true);
    await acts.run('2023-01-10T12:00:00Z');
    expect(asPlain(await caller.send('GET', '/plans/arrears'))).toEqual(notFound('plan'));
  });

  test('keeps its plan to be read until its drafts are final', async () => {
    await caller.ok('PUT', '/organizations', { organization: { billing_configuration: { invoice_grace_period: 30 } } });
    await subscribe('c1', 'runs');
    await acts.advance('2023-02-10T12:00:00Z');
    await caller.ok('DELETE', '/plans/arrears');
    const argument = await argumentOf('deletePlan');
    await deletePlan(dependencies(), argument);
    await app.rows(`update acts set state = 'done' where organization_id = $1 and kind in ('end', 'period')`, [
      caller.organizationId,
    ]);
    // Its draft was brought forward, and nobody has made it final yet.
    for (const _ of [1, 2]) expect(await deletePlan(dependencies(), argument)).toEqual({ outcome: 'waiting' });
    expect(at(await caller.ok('GET', '/plans/arrears'), 'plan.pending_deletion')).toBe(true);
    await acts.run('2023-02-10T12:00:00Z');
    expect(asPlain(await caller.send('GET', '/plans/arrears'))).toEqual(notFound('plan'));
  });
});

describe('a deleted plan', () => {
  test('ends the subscriptions of all its customers, and nobody else’s', async () => {
    for (const customer of ['c1', 'c2', 'c3']) await subscribe(customer, customer);
    await subscribe('c4', 'later', { subscription_at: '2023-03-01T00:00:00Z' });
    await subscribe('c1', 'other', { plan_code: 'advance' });
    await acts.run('2023-01-01T00:00:00Z');
    await acts.run('2023-01-10T12:00:00Z');
    await caller.ok('DELETE', '/plans/arrears');
    await acts.run('2023-01-10T12:00:00Z');
    expect((await subscriptions()).map(({ id, status, open }) => `${id} ${status} ${open}`)).toEqual([
      'c1 terminated 0',
      'c2 terminated 0',
      'c3 terminated 0',
      'later canceled 0',
      'other active 1',
    ]);
    expect(await invoices()).toEqual([
      '2023-01-01 3100 finalized',
      ...Array.from({ length: 3 }, () => '2023-01-10 1000 finalized'),
    ]);
    expect(asPlain(await caller.send('GET', '/plans/arrears'))).toEqual(notFound('plan'));
    const ended = await caller.ok('GET', '/subscriptions/c1?status=terminated');
    expect(at(ended, 'subscription.plan_code')).toBe('arrears');
  });

  test('has its drafts made final before it is hidden, calculated anew, and no other drafts', async () => {
    await caller.ok('PUT', '/organizations', { organization: { billing_configuration: { invoice_grace_period: 30 } } });
    await subscribe('c1', 'c1');
    await subscribe('c2', 'c2');
    await subscribe('c3', 'other', { plan_code: 'advance' });
    await acts.advance('2023-02-10T12:00:00Z');
    await app.rows(`update fees set amount_cents = 1 where organization_id = $1 and amount_cents = 3100`, [
      caller.organizationId,
    ]);
    await caller.ok('DELETE', '/plans/arrears');
    expect(at(await caller.ok('GET', '/plans/arrears'), 'plan.pending_deletion')).toBe(true);
    await acts.run('2023-02-10T12:00:00Z');
    const made = await app.rows<{ status: string; plans: string; total: string; count: number }>(
      `select invoices.status, string_agg(distinct plans.code, ' ') as plans, max(invoices.total_amount_cents)::text as total,
         count(distinct invoices.id)::int as count
       from invoices join invoice_subscriptions row on row.invoice_id = invoices.id
         join subscriptions on subscriptions.id = row.subscription_id join plans on plans.id = subscriptions.plan_id
       where invoices.organization_id = $1 group by invoices.status, plans.code order by 1, 2`,
      [caller.organizationId],
    );
    expect(made).toMatchObject([
      // That of February waits, that of January has waited its time.
      { status: 'draft', plans: 'advance', count: 1 },
      { status: 'finalized', plans: 'advance', count: 1 },
      { status: 'finalized', plans: 'arrears', total: '3100', count: 4 },
    ]);
    expect(asPlain(await caller.send('GET', '/plans/arrears'))).toEqual(notFound('plan'));
    expect(await subscriptions()).toMatchObject([{ open: 0 }, { open: 0 }, { status: 'active' }]);
  });

  test('is announced at once', async () => {
    await caller.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: 'https://acme.test/hook' } });
    await caller.ok('DELETE', '/plans/arrears');
    await caller.ok('DELETE', '/plans/arrears');
    expect(
      await app.rows(
        `select payload::jsonb->'plan'->>'code' as code from webhooks where organization_id = $1 and webhook_type = 'plan.deleted'`,
        [caller.organizationId],
      ),
    ).toEqual([{ code: 'arrears' }]);
  });
});
