// Drafts from their making to their number: refreshed when something has changed, final by their day or by hand (spec,
// subscriptions-and-invoices 6.6; S044 to S047).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import { refreshInvoice } from '../../../activities/invoices/refresh-invoice.ts';
import { finalizeInvoice } from '../../../activities/invoices/finalize-invoice.ts';
import { activityDependencies } from '../../support/activity-dependencies.ts';
import { lockCustomer } from '../../../db/customer-lock.ts';
import { sql } from '../../../db/sql.ts';
import { whileHeld } from '../../support/while-held.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { asPlain, at, listeningApp, notFound, textAt, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization({ document_number_prefix: 'ORG-1' });
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2023-03-01T00:00:00Z');
  await caller.ok('POST', '/billable_metrics', {
    billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'sum_agg', field_name: 'v' },
  });
});
afterAll(() => app.close());

interface InvoiceRow {
  readonly lago_id: string;
  readonly status: string;
  readonly number: string;
  readonly updated_at: string;
  readonly [field: string]: unknown;
}

const invoices = async (query = ''): Promise<InvoiceRow[]> =>
  at(await caller.ok('GET', `/invoices${query}`), 'invoices') as InvoiceRow[];

const read = async (id: string): Promise<InvoiceRow> =>
  at(await caller.ok('GET', `/invoices/${id}`), 'invoice') as InvoiceRow;

async function plan(attributes: object = {}): Promise<void> {
  const metrics = await caller.ok('GET', '/billable_metrics');
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'Plan',
      code: 'p',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: false,
      charges: [
        {
          billable_metric_id: at(metrics, 'billable_metrics.0.lago_id'),
          charge_model: 'standard',
          properties: { amount: '2' },
        },
      ],
      ...attributes,
    },
  });
}

const customer = (attributes: object) =>
  caller.ok('POST', '/customers', { customer: { external_id: 'c1', ...attributes } });
const grace = (days: number | null) => customer({ billing_configuration: { invoice_grace_period: days } });

const subscribe = (attributes: object = {}) =>
  caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c1', external_id: 's1', plan_code: 'p', ...attributes },
  });

let events = 0;
const use = (v: number, timestamp: string) =>
  caller.ok('POST', '/events', {
    event: {
      transaction_id: `t${events++}`,
      external_subscription_id: 's1',
      code: 'calls',
      timestamp: Date.parse(timestamp) / 1000,
      properties: { v },
    },
  });

const listen = () =>
  app.rows(
    `insert into webhook_endpoints (id, organization_id, webhook_url, event_types, created_at, updated_at)
     values ($1, $2, $3, null, '2023-03-01', '2023-03-01')`,
    [v7(), caller.organizationId, `https://${v7()}.test`],
  );
const webhooks = async () =>
  (
    await app.rows<{ type: string }>(
      `select webhook_type as type from webhooks where organization_id = $1 and object_type = 'invoice' order by sequence`,
      [caller.organizationId],
    )
  ).map(({ type }) => type);

interface ActRow {
  readonly id: string;
  readonly state: string;
  readonly due: string | null;
}
const actsOf = (kind: string) =>
  app.rows<ActRow>(
    `select id, state, to_char(due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as due from acts
     where organization_id = $1 and kind = $2 order by id`,
    [caller.organizationId, kind],
  );

/** What an invoice says, without the ids and times that a new making gives. */
function said(invoice: InvoiceRow): object {
  const { updated_at: _, fees, ...rest } = invoice as InvoiceRow & { fees: Record<string, unknown>[] };
  return { ...rest, fees: fees.map(({ lago_id: _id, ...fee }) => fee) };
}

/** A draft of March, made on 1 April: 31.00, and 10 units at 2.00. */
async function marchDraft(days = 4): Promise<InvoiceRow> {
  await plan();
  await grace(days);
  await subscribe();
  await use(10, '2023-03-10T00:00:00Z');
  await acts.advance('2023-04-01T08:00:00Z');
  const [draft] = await invoices();
  expect(draft).toMatchObject({ status: 'draft', total_amount_cents: 5100, issuing_date: '2023-04-05' });
  return draft!;
}

const dependencies = () => activityDependencies(app.orm, () => new Date('2023-04-05T00:00:00Z'));

describe('a draft', () => {
  test('is announced, has no number, and becomes final at the start of its day in UTC', async () => {
    await listen();
    const draft = await marchDraft();
    expect(draft).toMatchObject({ number: 'ORG-1-DRAFT', sequential_id: null, payment_due_date: '2023-04-05' });
    expect(await webhooks()).toEqual(['invoice.drafted', 'invoice.ready_to_finalize']);
    expect(await actsOf('finalize')).toEqual([
      { id: `finalize/${draft.lago_id}`, state: 'wanted', due: '2023-04-05 00:00' },
    ]);
    await acts.advance('2023-04-04T23:59:59Z');
    expect(await read(draft.lago_id)).toMatchObject({ status: 'draft' });
    await use(5, '2023-03-31T20:00:00Z');
    await use(100, '2023-04-02T00:00:00Z');
    await acts.advance('2023-04-05T00:00:00Z');
    expect(await read(draft.lago_id)).toMatchObject({
      status: 'finalized',
      number: 'ORG-1-001-001',
      sequential_id: 1,
      total_amount_cents: 6100,
      issuing_date: '2023-04-05',
      created_at: draft['created_at'],
    });
    expect(await webhooks()).toEqual(['invoice.drafted', 'invoice.ready_to_finalize', 'invoice.created']);
    expect(await actsOf('finalize')).toMatchObject([{ state: 'done' }]);
  });

  test('is finalized once by two at the same time, and not again', async () => {
    await listen();
    const draft = await marchDraft();
    await acts.advance('2023-04-04T23:00:00Z');
    await app.rows(`update organizations set clock_now = '2023-04-05' where id = $1`, [caller.organizationId]);
    const [row] = await app.rows<{ argument: never }>(`select argument from acts where id = $1`, [
      `finalize/${draft.lago_id}`,
    ]);
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => finalizeInvoice(dependencies(), row!.argument)));
    const kinds = outcomes.map(({ outcome }) => outcome);
    expect(kinds.filter((outcome) => outcome === 'finalized')).toHaveLength(1);
    expect(await finalizeInvoice(dependencies(), row!.argument)).toEqual({ outcome: 'already_done' });
    expect((await webhooks()).filter((type) => type === 'invoice.created')).toHaveLength(1);
    expect(await read(draft.lago_id)).toMatchObject({ sequential_id: 1 });
  });

  test('whose taxes are not known at its day is pending until they are, and not called final', async () => {
    const draft = await marchDraft();
    await app.rows(
      `insert into vies_checks (id, organization_id, customer_id, tax_identification_number, created_at)
       select $1, organization_id, id, 'FR1', '2023-04-04' from customers where organization_id = $2`,
      [v7(), caller.organizationId],
    );
    await app.rows(`update organizations set clock_now = '2023-04-05' where id = $1`, [caller.organizationId]);
    const [row] = await app.rows<{ argument: never }>(`select argument from acts where id = $1`, [
      `finalize/${draft.lago_id}`,
    ]);
    expect(await finalizeInvoice(dependencies(), row!.argument)).toEqual({ outcome: 'pending' });
    expect(await read(draft.lago_id)).toMatchObject({ status: 'pending', sequential_id: null });
    expect(await finalizeInvoice(dependencies(), row!.argument)).toEqual({ outcome: 'already_done' });
  });

  test('without fees is closed at its day when nobody wants it, without number and webhook', async () => {
    await listen();
    await plan({ amount_cents: 0, charges: [] });
    await customer({ finalize_zero_amount_invoice: 'skip', billing_configuration: { invoice_grace_period: 2 } });
    await subscribe();
    await acts.advance('2023-04-01T08:00:00Z');
    const [draft] = await invoices();
    expect(draft).toMatchObject({ status: 'draft', payment_status: 'succeeded' });
    await acts.advance('2023-04-03T00:00:00Z');
    expect(await invoices()).toEqual([]);
    expect((await caller.send('GET', `/invoices/${draft!.lago_id}`)).status).toBe(404);
    expect(await webhooks()).toEqual(['invoice.drafted', 'invoice.ready_to_finalize']);
    const [row] = await app.rows(`select status, sequential_id from invoices where id = $1`, [draft!.lago_id]);
    expect(row).toEqual({ status: 'closed', sequential_id: null });
  });

  test('that is closed by hand is shown to whoever closes it, once', async () => {
    await plan({ amount_cents: 0, charges: [] });
    await customer({ finalize_zero_amount_invoice: 'skip', billing_configuration: { invoice_grace_period: 2 } });
    await subscribe();
    await acts.advance('2023-04-01T08:00:00Z');
    const [draft] = await invoices();
    const path = `/invoices/${draft!.lago_id}/finalize`;
    expect(at(await caller.ok('PUT', path), 'invoice.status')).toBe('closed');
    expect(asPlain(await caller.send('PUT', path))).toEqual(notFound('invoice'));
  });

  test('keeps the anchor of its issuing date when it becomes final', async () => {
    await plan();
    await customer({
      timezone: 'Asia/Tokyo',
      net_payment_term: 10,
      billing_configuration: {
        invoice_grace_period: 3,
        subscription_invoice_issuing_date_anchor: 'current_period_end',
        subscription_invoice_issuing_date_adjustment: 'keep_anchor',
      },
    });
    await subscribe();
    await acts.advance('2023-04-10T00:00:00Z');
    expect(await invoices()).toMatchObject([
      { status: 'finalized', issuing_date: '2023-03-31', payment_due_date: '2023-04-10', net_payment_term: 10 },
    ]);
  });

  test('becomes final on the day of its customer', async () => {
    await plan();
    await customer({ timezone: 'America/Los_Angeles', billing_configuration: { invoice_grace_period: 3 } });
    await subscribe();
    // Made on 1 April in Los Angeles; 4 April begins in UTC while it is still the 3rd there.
    await acts.advance('2023-04-10T00:00:00Z');
    expect(await invoices()).toMatchObject([
      { status: 'finalized', issuing_date: '2023-04-03' },
      { status: 'finalized', issuing_date: '2023-03-03' },
    ]);
  });
});

describe('a refresh', () => {
  test('takes late events in, keeps id, time and windows, and again changes nothing', async () => {
    const draft = await marchDraft();
    await use(5, '2023-03-31T20:00:00Z');
    await use(100, '2023-04-01T07:00:00Z');
    await acts.advance('2023-04-03T23:59:00Z');
    const path = `/invoices/${draft.lago_id}/refresh`;
    const answer = await caller.send('PUT', path);
    expect(answer.headers.get('durabill-workflow-id')).toBe(`refresh/${draft.lago_id}`);
    const once = at(answer.body, 'invoice') as InvoiceRow;
    expect(once).toMatchObject({
      lago_id: draft.lago_id,
      status: 'draft',
      number: 'ORG-1-DRAFT',
      total_amount_cents: 6100,
      issuing_date: '2023-04-05',
      created_at: draft['created_at'],
      billing_periods: [
        { subscription_from_datetime: '2023-03-01T00:00:00Z', charges_to_datetime: '2023-03-31T23:59:59Z' },
      ],
    });
    const fees = once['fees'] as { created_at: string }[];
    expect(fees.map((fee) => fee.created_at)).toEqual([draft['created_at'], draft['created_at']]);
    for (let times = 0; times < 2; times++) {
      expect(said(at(await caller.ok('PUT', path), 'invoice') as InvoiceRow)).toEqual(said(once));
    }
    expect(await actsOf('finalize')).toMatchObject([{ state: 'wanted', due: '2023-04-05 00:00' }]);
  });

  test('sees only what is older than the draft', async () => {
    await plan();
    await grace(40);
    await acts.advance('2023-03-15T00:00:00Z');
    await subscribe();
    await acts.advance('2023-05-02T00:00:00Z');
    const drafts = await invoices();
    expect(drafts.map((draft) => draft['total_amount_cents'])).toEqual([3100, 1700]);
    const refreshed = await caller.ok('PUT', `/invoices/${drafts[1]!.lago_id}/refresh`);
    expect(at(refreshed, 'invoice.total_amount_cents')).toBe(1700);
    const finalized = await caller.ok('PUT', `/invoices/${drafts[1]!.lago_id}/finalize`);
    expect(at(finalized, 'invoice.total_amount_cents')).toBe(1700);
  });

  test('keeps the last draft of a subscription that has ended, and its closed period', async () => {
    await plan();
    await grace(3);
    await subscribe();
    await acts.advance('2023-03-31T12:00:00Z');
    await acts.run('2023-04-01T00:00:00Z');
    await caller.ok('DELETE', '/subscriptions/s1');
    await acts.run('2023-04-01T00:00:00Z');
    // March, which was billed before, and the one day of April.
    const drafts = await invoices();
    expect(new Set(drafts.map((draft) => draft['total_amount_cents']))).toEqual(new Set([103, 3100]));
    for (const draft of drafts) {
      const before = await read(draft.lago_id);
      const refreshed = await caller.ok('PUT', `/invoices/${draft.lago_id}/refresh`);
      expect(said(at(refreshed, 'invoice') as InvoiceRow)).toEqual(said(before));
    }
  });

  test('keeps a period that the last invoice has taken over', async () => {
    await plan();
    await grace(3);
    await subscribe();
    await acts.advance('2023-03-31T12:00:00Z');
    await app.rows(`update organizations set clock_now = '2023-04-01' where id = $1`, [caller.organizationId]);
    await caller.ok('DELETE', '/subscriptions/s1');
    await acts.run('2023-04-01T00:00:00Z');
    const [draft, ...others] = await invoices();
    expect(others).toEqual([]);
    expect(draft).toMatchObject({ total_amount_cents: 3100 });
    const before = await read(draft!.lago_id);
    const refreshed = await caller.ok('PUT', `/invoices/${draft!.lago_id}/refresh`);
    expect(said(at(refreshed, 'invoice') as InvoiceRow)).toEqual(said(before));
  });

  test('of the draft of a plan in advance that ended meanwhile keeps its fee', async () => {
    await plan({ pay_in_advance: true });
    await grace(30);
    await subscribe();
    await acts.advance('2023-03-05T00:00:00Z');
    const [draft] = await invoices();
    expect(draft).toMatchObject({ status: 'draft', total_amount_cents: 3100 });
    await caller.ok('DELETE', '/subscriptions/s1');
    await acts.run('2023-03-05T00:00:00Z');
    await caller.ok('PUT', `/invoices/${draft!.lago_id}/refresh`);
    expect(await read(draft!.lago_id)).toMatchObject({ total_amount_cents: 3100 });
  });

  test('does nothing in the background while the flag is off', async () => {
    const draft = await marchDraft();
    await caller.ok('PUT', '/plans/p', { plan: { name: 'Other' } });
    await acts.run('2023-04-01T09:00:00Z');
    const before = await read(draft.lago_id);
    expect(before.updated_at).toBe('2023-04-01T09:00:00Z');
    await app.rows(`update acts set state = 'wanted' where id = $1`, [`refresh/${draft.lago_id}`]);
    await acts.run('2023-04-02T09:00:00Z');
    expect(await read(draft.lago_id)).toEqual(before);
    expect(await actsOf('refresh')).toMatchObject([{ state: 'done' }]);
  });

  test('is one, however many changes come before it', async () => {
    const draft = await marchDraft();
    for (let amount = 1; amount <= 10; amount++) {
      await caller.ok('PUT', '/plans/p', { plan: { amount_cents: 3100 + amount } });
    }
    expect(await actsOf('refresh')).toEqual([{ id: `refresh/${draft.lago_id}`, state: 'wanted', due: null }]);
    await acts.run('2023-04-01T09:00:00Z');
    expect(await read(draft.lago_id)).toMatchObject({ total_amount_cents: 5110 });
  });

  test('is followed by another when something changes while it is at work', async () => {
    const draft = await marchDraft();
    await caller.ok('PUT', '/plans/p', { plan: { amount_cents: 3200 } });
    const [row] = await app.rows<{ argument: never }>(`select argument from acts where id = $1`, [
      `refresh/${draft.lago_id}`,
    ]);
    let changing: Promise<unknown> | undefined;
    await refreshInvoice(
      {
        ...dependencies(),
        fault: (name) => {
          // It waits for the flag, which the refresh holds.
          if (name === 'refresh:before-commit') {
            changing = caller.ok('PUT', '/plans/p', { plan: { amount_cents: 3300 } });
          }
        },
      },
      row!.argument,
    );
    await changing;
    expect(await actsOf('refresh')).toMatchObject([{ state: 'wanted' }]);
    await acts.run('2023-04-01T09:00:00Z');
    expect(await read(draft.lago_id)).toMatchObject({ total_amount_cents: 5300 });
  });

  test('follows the deletion of a metric', async () => {
    const draft = await marchDraft();
    await caller.ok('DELETE', '/billable_metrics/calls');
    await acts.run('2023-04-01T09:00:00Z');
    expect(await read(draft.lago_id)).toMatchObject({ total_amount_cents: 3100 });
  });

  test('leaves other invoices as they are', async () => {
    const draft = await marchDraft();
    await caller.ok('PUT', `/invoices/${draft.lago_id}/finalize`);
    const before = await read(draft.lago_id);
    await use(5, '2023-03-31T20:00:00Z');
    expect(at(await caller.ok('PUT', `/invoices/${draft.lago_id}/refresh`), 'invoice')).toEqual(before);
  });
});

describe('a finalization by hand', () => {
  test('gives the number of that day and ends what waits', async () => {
    const draft = await marchDraft();
    await acts.advance('2023-04-02T12:00:00Z');
    const answer = await caller.send('PUT', `/invoices/${draft.lago_id}/finalize`);
    expect(answer.headers.get('durabill-workflow-id')).toBe(`finalize/${draft.lago_id}`);
    expect(at(answer.body, 'invoice')).toMatchObject({
      status: 'finalized',
      number: 'ORG-1-001-001',
      issuing_date: '2023-04-02',
      payment_due_date: '2023-04-02',
    });
    expect(await actsOf('finalize')).toMatchObject([{ state: 'done' }]);
    expect(asPlain(await caller.send('PUT', `/invoices/${draft.lago_id}/finalize`))).toEqual(notFound('invoice'));
    expect(asPlain(await caller.send('PUT', `/invoices/${v7()}/finalize`))).toEqual(notFound('invoice'));
    expect(asPlain(await caller.send('PUT', `/invoices/x/finalize`))).toEqual(notFound('invoice'));
  });

  test('is one for requests that overlap', async () => {
    await listen();
    const draft = await marchDraft();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => caller.send('PUT', `/invoices/${draft.lago_id}/finalize`)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => at(body, 'invoice.number')))).toEqual(new Set(['ORG-1-001-001']));
    expect((await webhooks()).filter((type) => type === 'invoice.created')).toHaveLength(1);
  });

  test('that waits for a lock whose holder makes it final is answered the final one', async () => {
    const draft = await marchDraft();
    // The act is at work elsewhere, and no workflow answers here.
    const answer = await whileHeld(
      app.orm,
      async (em) => {
        const [row] = await sql<{ id: string }>(em, 'select customer_id as id from invoices where id = $1', [
          draft.lago_id,
        ]);
        await lockCustomer(em, row!.id);
        await sql(
          em,
          `update invoices set status = 'finalized', number = 'ORG-1-001-009', sequential_id = 9 where id = $1`,
          [draft.lago_id],
        );
      },
      () => caller.send('PUT', `/invoices/${draft.lago_id}/finalize`),
    );
    expect([answer.status, at(answer.body, 'invoice.number')]).toEqual([200, 'ORG-1-001-009']);
  });

  test('takes in what was flagged, and no refresh is left', async () => {
    const draft = await marchDraft();
    await caller.ok('PUT', '/plans/p', { plan: { amount_cents: 4100 } });
    const finalized = await caller.ok('PUT', `/invoices/${draft.lago_id}/finalize`);
    expect(at(finalized, 'invoice.total_amount_cents')).toBe(6100);
    expect(await actsOf('refresh')).toMatchObject([{ state: 'done' }]);
  });
});

describe('a draft that cannot be made final', () => {
  test('stays a draft and says why; another try may succeed', async () => {
    const draft = await marchDraft();
    await app.rows(`update charges set charge_model = 'graduated' where organization_id = $1`, [caller.organizationId]);
    const activities = actsByHand(app.orm, caller.organizationId);
    await expect(activities.run('2023-04-05T00:00:00Z')).rejects.toThrow();
    const { recordBillingFailure } = await import('../../../activities/subscriptions/record-billing-failure.ts');
    await recordBillingFailure(
      dependencies(),
      { actId: `finalize/${draft.lago_id}`, organizationId: caller.organizationId },
      'no ranges',
    );
    expect(await read(draft.lago_id)).toMatchObject({
      status: 'draft',
      error_details: [{ error_code: 'invoice_generation_error', details: { invoice_generation_error: 'no ranges' } }],
    });
    expect(await actsOf('finalize')).toMatchObject([{ state: 'failed' }]);
    await app.rows(`update charges set charge_model = 'standard' where organization_id = $1`, [caller.organizationId]);
    const finalized = await caller.ok('PUT', `/invoices/${draft.lago_id}/finalize`);
    expect(at(finalized, 'invoice')).toMatchObject({ status: 'finalized', error_details: [] });
    expect(await actsOf('finalize')).toMatchObject([{ state: 'done' }]);
    expect(textAt(finalized, 'invoice.number')).toBe('ORG-1-001-001');
  });
});
