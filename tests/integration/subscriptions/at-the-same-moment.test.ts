// What commits while something else is under way: whoever needs it waits for it and sees it. Without its row lock, each
// of these would go on with what was there before.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { refreshInvoice } from '../../../activities/invoices/refresh-invoice.ts';
import { lockCustomer } from '../../../db/customer-lock.ts';
import { sql } from '../../../db/sql.ts';
import { activityDependencies } from '../../support/activity-dependencies.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { whileCommitting, whileHeld } from '../../support/while-held.ts';
import {
  asPlain,
  at,
  listeningApp,
  notFound,
  textAt,
  validationErrors,
  type Answer,
  type Caller,
  type ListeningApp,
} from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;
let metricId: string;
let customerId: string;

const PLAN = { name: 'Plan', interval: 'monthly', amount_cents: 3100, amount_currency: 'EUR', pay_in_advance: false };

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2023-03-01T00:00:00Z');
  const metric = { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' };
  metricId = textAt(
    await caller.ok('POST', '/billable_metrics', { billable_metric: metric }),
    'billable_metric.lago_id',
  );
  await caller.ok('POST', '/plans', { plan: { ...PLAN, code: 'p', charges: [charge()] } });
  customerId = textAt(
    await caller.ok('POST', '/customers', {
      customer: { external_id: 'c1', billing_configuration: { invoice_grace_period: 4 } },
    }),
    'customer.lago_id',
  );
});
afterAll(() => app.close());

const charge = () => ({ billable_metric_id: metricId, charge_model: 'standard', properties: { amount: '1' } });

const subscribe = (externalId = 's1', attributes: object = {}): Promise<Answer> =>
  caller.send('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c1', external_id: externalId, plan_code: 'p', ...attributes },
  });

/** Work that must wait for a change which one statement on rows of the organization makes. */
const during = <T>(statement: string, work: () => Promise<T>): Promise<T> =>
  whileHeld(app.orm, (em) => sql(em, statement, [caller.organizationId]), work);

/** @returns the id of the draft of March. */
async function marchDraft(): Promise<string> {
  await subscribe();
  await acts.advance('2023-04-01T08:00:00Z');
  return textAt(await caller.ok('GET', '/invoices?status=draft'), 'invoices.0.lago_id');
}

describe('a subscription that is made', () => {
  test('while its plan is deleted has no plan', async () => {
    const answer = await during(
      `update plans set pending_deletion = true where organization_id = $1 and code = 'p'`,
      subscribe,
    );
    expect(asPlain(answer)).toEqual(notFound('plan'));
  });

  test('while its customer is deleted is for the next try, which makes a new customer', async () => {
    const deletion = async (em: EntityManager) => {
      await lockCustomer(em, customerId);
      await sql(em, `update customers set deleted_at = '2023-03-01' where id = $1`, [customerId]);
    };
    const answer = await whileHeld(app.orm, deletion, subscribe);
    expect(answer).toMatchObject({ status: 422, body: { code: 'lock_acquisition_failed' } });
    expect(await app.rows('select 1 from subscriptions where organization_id = $1', [caller.organizationId])).toEqual(
      [],
    );
    expect((await subscribe()).status).toBe(200);
  });

  test('while another request makes it is that one', async () => {
    const other = textAt((await subscribe('s2')).body, 'subscription.lago_id');
    const creation = async (em: EntityManager) => {
      await lockCustomer(em, customerId);
      await sql(em, `update subscriptions set external_id = 's1' where id = $1`, [other]);
    };
    const answer = await whileHeld(app.orm, creation, subscribe);
    expect([answer.status, at(answer.body, 'subscription.lago_id')]).toEqual([200, other]);
  });
});

describe('a plan that is changed', () => {
  test('while its first subscription is made keeps its periods', async () => {
    const subscription = async (em: EntityManager) => {
      await sql(em, `select 1 from plans where organization_id = $1 and code = 'p' for share`, [caller.organizationId]);
      await sql(
        em,
        `insert into subscriptions (id, organization_id, customer_id, plan_id, external_id, name, status, billing_time,
                                    subscription_at, created_at, updated_at)
         select $2, $1, $3, id, 's1', '', 'pending', 'calendar', '2023-04-01', '2023-03-01', '2023-03-01'
         from plans where organization_id = $1 and code = 'p'`,
        [caller.organizationId, v7(), customerId],
      );
    };
    const answer = await whileHeld(app.orm, subscription, () =>
      caller.send('PUT', '/plans/p', { plan: { interval: 'yearly', amount_cents: 5 } }),
    );
    expect(at(answer.body, 'plan')).toMatchObject({ interval: 'monthly', amount_cents: 5 });
  });

  test('to charge for a metric that is just deleted, does not', async () => {
    const answer = await during(
      `update billable_metrics set deleted_at = '2023-03-01' where organization_id = $1`,
      () => caller.send('POST', '/plans', { plan: { ...PLAN, code: 'q', charges: [charge()] } }),
    );
    expect(asPlain(answer)).toEqual(notFound('billable_metrics'));
  });
});

describe('a metric that is changed', () => {
  test('while a plan begins to charge for it keeps its aggregation', async () => {
    const other = { name: 'Other', code: 'other', aggregation_type: 'count_agg' };
    const made = await caller.ok('POST', '/billable_metrics', { billable_metric: other });
    const use = async (em: EntityManager) => {
      const id = textAt(made, 'billable_metric.lago_id');
      await sql(em, 'select 1 from billable_metrics where id = $1 for share', [id]);
      await sql(em, 'update charges set billable_metric_id = $2 where organization_id = $1', [
        caller.organizationId,
        id,
      ]);
    };
    const answer = await whileHeld(app.orm, use, () =>
      caller.send('PUT', '/billable_metrics/other', {
        billable_metric: { ...other, name: 'New', aggregation_type: 'sum_agg', field_name: 'v' },
      }),
    );
    expect(at(answer.body, 'billable_metric')).toMatchObject({ name: 'New', aggregation_type: 'count_agg' });
  });
});

describe('a draft', () => {
  test('that is flagged while it is refreshed is made anew', async () => {
    const id = await marchDraft();
    await caller.ok('PUT', '/plans/p', { plan: { amount_cents: 6200 } });
    const [act] = await app.rows<{ argument: never }>('select argument from acts where id = $1', [`refresh/${id}`]);
    // As if the flag were only now being set.
    await app.rows('update invoices set ready_to_be_refreshed = false where id = $1', [id]);
    const dependencies = activityDependencies(app.orm, () => new Date(0));
    const outcome = await during(
      `update invoices set ready_to_be_refreshed = true where organization_id = $1 and status = 'draft'`,
      () => refreshInvoice(dependencies, act!.argument),
    );
    expect(outcome).toEqual({ outcome: 'refreshed' });
    expect(at(await caller.ok('GET', `/invoices/${id}`), 'invoice.total_amount_cents')).toBe(6200);
  });

  test('that becomes final while it would be flagged is not', async () => {
    const id = await marchDraft();
    const answer = await during(
      `update invoices set status = 'finalized', sequential_id = 1 where organization_id = $1`,
      () => caller.send('PUT', '/plans/p', { plan: { amount_cents: 6200 } }),
    );
    expect(answer.status).toBe(200);
    expect(await app.rows('select ready_to_be_refreshed as flag from invoices where id = $1', [id])).toEqual([
      { flag: false },
    ]);
    expect(await app.rows('select 1 from acts where id = $1', [`refresh/${id}`])).toEqual([]);
  });

  test('that is moved by other settings while a request deletes it is answered as it is then', async () => {
    const id = await marchDraft();
    const answer = await during(
      `update invoices set issuing_date = '2023-04-09' where organization_id = $1 and status = 'draft'`,
      () => caller.send('DELETE', `/invoices/${id}`),
    );
    expect(at(answer.body, 'invoice')).toMatchObject({ lago_id: id, issuing_date: '2023-04-09' });
  });

  test.each([
    ['its plan', `update plans set amount_cents = 6200 where organization_id = $1 and code = 'p'`, 6300],
    [
      'a metric of it',
      `with deleted as (update billable_metrics set deleted_at = '2023-04-01' where organization_id = $1 returning id)
       update charges set deleted_at = '2023-04-01' from deleted where billable_metric_id = deleted.id`,
      3100,
    ],
  ])('that is made while %s changes is made from what that is then', async (_, change, total) => {
    await subscribe();
    await caller.ok('POST', '/events', {
      event: { transaction_id: 't', external_subscription_id: 's1', code: 'calls', timestamp: 1_678_000_000 },
    });
    await during(change, () => acts.advance('2023-04-01T08:00:00Z'));
    const { invoices } = (await caller.ok('GET', '/invoices')) as { invoices: unknown[] };
    expect(invoices).toMatchObject([{ status: 'draft', fees_amount_cents: total }]);
  });

  test('that is being made holds the settings of its issuer still until it is there', async () => {
    await subscribe();
    await app.rows('update customers set invoice_grace_period = null where organization_id = $1', [
      caller.organizationId,
    ]);
    const grace = (days: number) =>
      caller.ok('PUT', '/organizations', { organization: { billing_configuration: { invoice_grace_period: days } } });
    await grace(2);
    await whileCommitting(
      app.orm,
      async (em) =>
        (await sql(em, `select 1 from invoices where organization_id = $1`, [caller.organizationId])).length > 0,
      () => grace(9),
      () => acts.advance('2023-04-01T08:00:00Z'),
    );
    await acts.run('2023-04-01T08:00:00Z');
    const { invoices } = (await caller.ok('GET', '/invoices')) as { invoices: unknown[] };
    expect(invoices).toMatchObject([{ status: 'draft', issuing_date: '2023-04-10' }]);
  });
});

describe('an organization', () => {
  test('that reaches its limit of billing entities meanwhile gets no other', async () => {
    await app.rows(
      `insert into billing_entities
       select (jsonb_populate_record(null::billing_entities, to_jsonb(entity) || jsonb_build_object(
                 'id', gen_random_uuid(), 'code', 'entity-' || number, 'document_number_prefix', 'E' || number,
                 'is_default', false))).*
       from billing_entities entity cross join generate_series(1, 98) as number where organization_id = $1`,
      [caller.organizationId],
    );
    const last = async (em: EntityManager) => {
      await sql(em, 'select 1 from organizations where id = $1 for no key update', [caller.organizationId]);
      await sql(
        em,
        `insert into billing_entities
         select (jsonb_populate_record(null::billing_entities, to_jsonb(entity) || jsonb_build_object(
                   'id', gen_random_uuid(), 'code', 'last', 'document_number_prefix', 'LAST', 'is_default', false))).*
         from billing_entities entity where organization_id = $1 and is_default`,
        [caller.organizationId],
      );
    };
    const answer = await whileHeld(app.orm, last, () =>
      caller.send('POST', '/billing_entities', { billing_entity: { code: 'one-more', name: 'One more' } }),
    );
    // It is not for a field of the request, so that none is named.
    expect(asPlain(answer)).toEqual({
      status: 403,
      body: { status: 403, error: 'Forbidden', code: 'feature_unavailable' },
    });
  });

  test('keeps its last key that does not expire, when two are deleted at once', async () => {
    const made = await caller.ok('POST', '/api_keys', { api_key: { name: 'Second' } });
    const other = textAt(made, 'api_key.lago_id');
    const own = at(await caller.ok('GET', '/api_keys'), 'api_keys') as { lago_id: string }[];
    const mine = own.find(({ lago_id }) => lago_id !== other)!.lago_id;
    const deletion = async (em: EntityManager) => {
      await sql(em, 'select 1 from organizations where id = $1 for no key update', [caller.organizationId]);
      await sql(em, 'delete from api_keys where id = $1', [other]);
    };
    const answer = await whileHeld(app.orm, deletion, () => caller.send('DELETE', `/api_keys/${mine}`));
    expect(asPlain(answer)).toEqual(validationErrors({ base: ['last_non_expiring_api_key'] }));
  });
});
