// Grace periods, payment terms and issuing dates that change while drafts wait (spec, subscriptions-and-invoices 6.6;
// S047 to S050).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { settingsPage } from '../../../activities/invoices/change-invoice-settings.ts';
import type { ActivityDependencies } from '../../../activities/dependencies.ts';
import { noFault } from '../../../activities/fault-point.ts';
import { sql } from '../../../db/sql.ts';
import { activityDependencies } from '../../support/activity-dependencies.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { until } from '../../support/until.ts';
import { at, listeningApp, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2022-06-01T00:00:00Z');
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'Plan',
      code: 'p',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: true,
    },
  });
});
afterAll(() => app.close());

interface DraftRow {
  readonly lago_id: string;
  readonly status: string;
  readonly issuing_date: string;
  readonly payment_due_date: string;
  readonly net_payment_term: number;
  readonly updated_at: string;
}

const customer = (attributes: object, id = 'c1') =>
  caller.ok('POST', '/customers', { customer: { external_id: id, ...attributes } });
const grace = (days: number | null, id = 'c1') =>
  customer({ billing_configuration: { invoice_grace_period: days } }, id);
const organization = (attributes: object) => caller.ok('PUT', '/organizations', { organization: attributes });
const entityGrace = (days: number) => organization({ billing_configuration: { invoice_grace_period: days } });

async function draftOf(id: string, at_: string): Promise<void> {
  await acts.run(at_);
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: id, external_id: `s-${id}`, plan_code: 'p', billing_time: 'anniversary' },
  });
  await acts.run(at_);
}

/** The customer's newest invoice, without the customer that is on it. */
const of = async (id = 'c1'): Promise<DraftRow> => {
  const body = await caller.ok('GET', `/customers/${id}/invoices`);
  const { customer: _, ...invoice } = at(body, 'invoices.0') as DraftRow & { customer: object };
  return invoice;
};

const applied = async (id: string): Promise<number | undefined> => {
  const [row] = await app.rows<{ applied: number }>(
    'select applied_grace_period as applied from invoices where id = $1',
    [(await of(id)).lago_id],
  );
  return row?.applied;
};

const finalizeAct = async (id = 'c1') => {
  const [row] = await app.rows<{ state: string; due: string }>(
    `select state, to_char(due_at at time zone 'UTC', 'YYYY-MM-DD') as due from acts
     where id = $1`,
    [`finalize/${(await of(id)).lago_id}`],
  );
  return row;
};

/** What it says and when, without the moment of its last change. */
const dates = ({ issuing_date, payment_due_date, net_payment_term }: DraftRow) => [
  issuing_date,
  payment_due_date,
  net_payment_term,
];

const settingsActs = () =>
  app.rows<{ id: string; state: string }>(
    `select id, state from acts where organization_id = $1 and kind = 'settings' order by id`,
    [caller.organizationId],
  );

describe("a customer's settings", () => {
  test('null and 0 are two things', async () => {
    await entityGrace(3);
    await grace(0);
    const answer = await grace(null);
    expect(at(answer, 'customer.billing_configuration.invoice_grace_period')).toBeNull();
    expect(at(await grace(0), 'customer.billing_configuration.invoice_grace_period')).toBe(0);
    await draftOf('c1', '2022-06-21T09:00:00Z');
    expect(await of()).toMatchObject({ status: 'finalized' });
    await grace(null, 'c2');
    await draftOf('c2', '2022-06-21T09:00:00Z');
    expect(await of('c2')).toMatchObject({ status: 'draft', issuing_date: '2022-06-24' });
  });

  test('move its drafts in the same request, and their finalization with them', async () => {
    await customer({ net_payment_term: 3, billing_configuration: { invoice_grace_period: 10 } });
    await draftOf('c1', '2022-06-21T09:00:00Z');
    await acts.run('2022-06-22T09:00:00Z');
    await grace(12);
    expect(dates(await of())).toEqual(['2022-07-03', '2022-07-06', 3]);
    expect(await finalizeAct()).toEqual({ state: 'wanted', due: '2022-07-03' });
    const before = await of();
    await acts.run('2022-06-23T09:00:00Z');
    await grace(12);
    expect(await of()).toEqual(before);
    await grace(4);
    expect(dates(await of())).toEqual(['2022-06-25', '2022-06-28', 3]);
    expect(await applied('c1')).toBe(4);
    await acts.advance('2022-06-25T00:00:00Z');
    expect(await of()).toMatchObject({
      status: 'finalized',
      issuing_date: '2022-06-25',
      payment_due_date: '2022-06-28',
    });
  });

  test('that make a draft due finalize it in the background, not in the request', async () => {
    await grace(10);
    await draftOf('c1', '2022-06-19T09:00:00Z');
    await acts.run('2022-06-22T09:00:00Z');
    await grace(2);
    expect(await of()).toMatchObject({ status: 'draft', issuing_date: '2022-06-21' });
    const [act] = await app.rows(`select state, verb from acts where id = $1`, [`finalize/${(await of()).lago_id}`]);
    expect(act).toEqual({ state: 'wanted', verb: 'signal' });
    await acts.run('2022-06-22T09:00:00Z');
    expect(await of()).toMatchObject({ status: 'finalized', issuing_date: '2022-06-22' });
  });

  test('a payment term moves due dates when what applies is another', async () => {
    await grace(5);
    await draftOf('c1', '2022-06-16T09:00:00Z');
    await acts.run('2022-06-17T09:00:00Z');
    await customer({ net_payment_term: 30 });
    expect(dates(await of())).toEqual(['2022-06-21', '2022-07-21', 30]);
    await customer({ net_payment_term: 20 });
    await organization({ net_payment_term: 15 });
    await acts.run('2022-06-17T09:00:00Z');
    expect(dates(await of())).toEqual(['2022-06-21', '2022-07-11', 20]);
    await customer({ net_payment_term: null });
    expect(dates(await of())).toEqual(['2022-06-21', '2022-07-06', 15]);
    const before = await of();
    await acts.run('2022-06-18T09:00:00Z');
    expect(at(await customer({ net_payment_term: 15 }), 'customer.net_payment_term')).toBe(15);
    expect(await of()).toEqual(before);
  });

  test('an anchor and its adjustment move periodic drafts only', async () => {
    await grace(5);
    await draftOf('c1', '2022-06-16T09:00:00Z');
    await acts.advance('2022-07-16T09:00:00Z');
    const issued = async () =>
      (at(await caller.ok('GET', '/customers/c1/invoices'), 'invoices') as DraftRow[]).map((row) => row.issuing_date);
    expect(await issued()).toEqual(['2022-07-21', '2022-06-21']);
    await customer({
      billing_configuration: {
        subscription_invoice_issuing_date_anchor: 'current_period_end',
        subscription_invoice_issuing_date_adjustment: 'keep_anchor',
      },
    });
    expect(await issued()).toEqual(['2022-07-15', '2022-06-21']);
    await acts.advance('2022-07-22T00:00:00Z');
    expect(await issued()).toEqual(['2022-07-15', '2022-06-21']);
  });
});

test("a customer's settings reach thousands of drafts, the first in the request and the rest behind it", async () => {
  await grace(5);
  await draftOf('c1', '2022-06-19T09:00:00Z');
  const COUNT = 2300;
  await manyDrafts(COUNT);
  await acts.run('2022-06-22T09:00:00Z');
  await grace(8);
  expect(await movedTo('2022-06-27')).toBe(1000);
  const [{ id, state } = { id: '', state: '' }] = await settingsActs();
  expect(state).toBe('wanted');
  const [row] = await app.rows<{ argument: { customerId: string; after: string } }>(
    'select argument from acts where id = $1',
    [id],
  );
  expect(id).toContain(row!.argument.customerId);
  const second = await page(id, row!.argument.after);
  expect(await movedTo('2022-06-27')).toBe(2000);
  expect(await page(id, second!)).toBeNull();
  expect(await movedTo('2022-06-27')).toBe(COUNT + 1);
  expect(await settingsActs()).toMatchObject([{ state: 'done' }]);
});

describe("a billing entity's settings", () => {
  test('reach the drafts of customers who have none of their own, in the background', async () => {
    await entityGrace(12);
    await grace(12, 'own');
    await customer({}, 'inherits');
    await customer({ billing_configuration: { invoice_grace_period: 0 } }, 'none');
    for (const id of ['own', 'inherits', 'none']) await draftOf(id, '2022-06-21T09:00:00Z');
    const [own, none] = [await of('own'), await of('none')];
    expect(none).toMatchObject({ status: 'finalized' });
    await entityGrace(15);
    expect(await of('inherits')).toMatchObject({ issuing_date: '2022-07-03' });
    await acts.run('2022-06-21T10:00:00Z');
    expect(await of('inherits')).toMatchObject({ issuing_date: '2022-07-06', payment_due_date: '2022-07-06' });
    expect(await applied('inherits')).toBe(15);
    expect(await finalizeAct('inherits')).toMatchObject({ due: '2022-07-06' });
    expect(await of('own')).toEqual(own);
    expect(await of('none')).toEqual(none);
    await entityGrace(9);
    await acts.run('2022-06-21T10:00:00Z');
    expect(await of('inherits')).toMatchObject({ issuing_date: '2022-06-30' });
    expect((await settingsActs()).map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  });

  test('changed twice in a row move a draft once, by both', async () => {
    await entityGrace(3);
    await customer({});
    await draftOf('c1', '2022-06-21T09:00:00Z');
    await entityGrace(5);
    await entityGrace(7);
    expect((await settingsActs()).filter(({ state }) => state === 'wanted')).toHaveLength(2);
    await acts.run('2022-06-21T10:00:00Z');
    expect(await of()).toMatchObject({ issuing_date: '2022-06-28' });
  });

  test('that are said again change nothing and want nothing', async () => {
    await entityGrace(3);
    await acts.run('2022-06-21T10:00:00Z');
    const before = await settingsActs();
    await organization({ billing_configuration: { invoice_grace_period: 3 }, net_payment_term: 0, city: 'Paris' });
    expect(await settingsActs()).toEqual(before);
  });

  test('finalize nothing by themselves: the moved day does', async () => {
    await entityGrace(10);
    await customer({});
    await draftOf('c1', '2022-06-19T09:00:00Z');
    await acts.run('2022-06-22T09:00:00Z');
    await entityGrace(2);
    const [{ id } = { id: '' }] = (await settingsActs()).filter(({ state }) => state === 'wanted');
    expect(await page(id, '')).toBeNull();
    expect(await of()).toMatchObject({ status: 'draft', issuing_date: '2022-06-21' });
    expect(await finalizeAct()).toMatchObject({ state: 'wanted', due: '2022-06-21' });
    await acts.run('2022-06-22T09:00:00Z');
    expect(await of()).toMatchObject({ status: 'finalized', issuing_date: '2022-06-22' });
  });

  test('that come too late for a draft of this moment still hold it back', async () => {
    await entityGrace(3);
    await customer({});
    await draftOf('c1', '2022-06-21T09:00:00Z');
    // The act that moves the drafts does not get to run.
    await entityGrace(5);
    await app.rows(`update acts set state = 'failed' where organization_id = $1 and kind = 'settings'`, [
      caller.organizationId,
    ]);
    await acts.advance('2022-06-24T09:00:00Z');
    expect(await of()).toMatchObject({ status: 'draft', issuing_date: '2022-06-26' });
    await acts.advance('2022-06-26T00:00:00Z');
    expect(await of()).toMatchObject({ status: 'finalized' });
  });

  test('reach a draft that is refreshed before them, and the moment at which it becomes final', async () => {
    await entityGrace(10);
    await draftOf('c1', '2022-06-21T09:00:00Z');
    await entityGrace(4);
    expect(await of()).toMatchObject({ issuing_date: '2022-07-01' });
    await caller.ok('PUT', '/plans/p', { plan: { amount_cents: 6200 } });
    await caller.ok('PUT', `/invoices/${(await of()).lago_id}/refresh`);
    expect(await of()).toMatchObject({ status: 'draft', issuing_date: '2022-06-25', total_amount_cents: 6200 });
    expect(await finalizeAct()).toMatchObject({ due: '2022-06-25' });
  });

  test('of thousands of drafts go page by page; a page that is cut off or runs twice moves each once', async () => {
    await entityGrace(5);
    await customer({});
    await draftOf('c1', '2022-06-21T09:00:00Z');
    const COUNT = 2300;
    await manyDrafts(COUNT);
    await acts.run('2022-06-21T10:00:00Z');
    await entityGrace(8);
    const [{ id } = { id: '' }] = (await settingsActs()).filter(({ state }) => state === 'wanted');
    await expect(
      page(id, '', (name) => {
        if (name === 'settings:before-commit') throw new Error('cut');
      }),
    ).rejects.toThrow('cut');
    expect(await movedTo('2022-06-29')).toBe(0);
    const first = await page(id, '');
    expect(await movedTo('2022-06-29')).toBe(1000);
    // What had committed and was not heard of runs again.
    expect(await page(id, '')).toBe(first);
    expect(await movedTo('2022-06-29')).toBe(1000);
    const second = await page(id, first!);
    expect(await page(id, second!)).toBeNull();
    expect(await movedTo('2022-06-29')).toBe(COUNT + 1);
    const [acted] = await app.rows<{ count: number }>(
      `select count(*)::int as count from acts where organization_id = $1 and kind = 'finalize' and due_at = '2022-06-29'`,
      [caller.organizationId],
    );
    expect(acted?.count).toBe(COUNT + 1);
    expect((await settingsActs()).every(({ state }) => state === 'done')).toBe(true);
  });
});

/** Copies of the first draft, each with its windows and act. */
async function manyDrafts(count: number): Promise<void> {
  const columns = async (table: string, without: readonly string[]) =>
    (
      await app.rows<{ name: string }>(
        `select column_name as name from information_schema.columns where table_name = $1 and column_name <> all($2::text[])`,
        [table, without],
      )
    )
      .map(({ name }) => `"${name}"`)
      .join(', ');
  const invoice = await columns('invoices', ['id']);
  const act = await columns('acts', ['id', 'invoice_id']);
  const [draft] = await app.rows<{ id: string }>(`select id from invoices where organization_id = $1`, [
    caller.organizationId,
  ]);
  await app.rows(
    `with copies as (
       insert into invoices (id, ${invoice}) select gen_random_uuid(), ${invoice} from invoices, generate_series(1, $2::int)
       where id = $1 returning id)
     insert into acts (id, invoice_id, ${act})
     select 'finalize/' || copies.id, copies.id, ${act} from copies, (select * from acts where id = 'finalize/' || $1::text) act`,
    [draft!.id, count],
  );
}

const movedTo = async (day: string): Promise<number> => {
  const [row] = await app.rows<{ count: number }>(
    `select count(*)::int as count from invoices
     where organization_id = $1 and issuing_date = $2 and payment_due_date = $2 and expected_finalization_date = $2`,
    [caller.organizationId, day],
  );
  return row?.count ?? 0;
};

async function page(
  actId: string,
  after: string,
  fault: ActivityDependencies['fault'] = noFault,
): Promise<string | null> {
  const [row] = await app.rows<{ argument: never }>('select argument from acts where id = $1', [actId]);
  const dependencies = activityDependencies(app.orm, () => new Date('2022-06-21T10:00:00Z'), { fault });
  const environment = new MockActivityEnvironment();
  return environment.run(() => settingsPage(dependencies, row!.argument, after));
}

describe('a draft that is made while the settings change', () => {
  test('has the changed ones', async () => {
    await entityGrace(3);
    await customer({});
    await acts.run('2022-06-21T09:00:00Z');
    await caller.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: 'c1', external_id: 's1', plan_code: 'p', billing_time: 'anniversary' },
    });
    // It has read the old settings when it comes to the fees, and has not committed.
    const holding = app.orm.em.fork();
    await holding.begin();
    await sql(holding, 'lock table fees in share row exclusive mode');
    const billing = acts.run('2022-06-21T09:00:00Z');
    await until(
      async () =>
        (await app.rows(`select 1 from pg_locks where not granted and relation = 'fees'::regclass`)).length > 0,
      'the draft waits',
    );
    await entityGrace(9);
    const [{ id } = { id: '' }] = (await settingsActs()).filter(({ state }) => state === 'wanted');
    expect(await page(id, '')).toBeNull();
    await holding.rollback();
    await billing;
    expect((await settingsActs()).every(({ state }) => state === 'done')).toBe(true);
    expect(await of()).toMatchObject({ status: 'draft', issuing_date: '2022-06-30' });
  });
});
