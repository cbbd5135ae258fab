// Which webhooks the life of a subscription writes, each once and in the transaction of its cause (spec,
// subscriptions-and-invoices 2.12, 14).
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { at, listeningApp, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization({ document_number_prefix: 'ORG-1' });
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2024-03-01T00:00:00Z');
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'Plan',
      code: 'p',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: true,
      trial_period: 2,
    },
  });
});
afterAll(() => app.close());

const listen = (eventTypes: readonly string[] | null) =>
  app.rows(
    `insert into webhook_endpoints (id, organization_id, webhook_url, event_types, created_at, updated_at)
     values ($1, $2, $3, $4, '2024-03-01', '2024-03-01')`,
    [v7(), caller.organizationId, `https://${v7()}.test`, eventTypes && JSON.stringify(eventTypes)],
  );

interface Written {
  readonly type: string;
  readonly payload: string;
}

const written = () =>
  app.rows<Written>(
    `select webhook_type as type, payload from webhooks
     where organization_id = $1 and object_type in ('subscription', 'invoice') order by sequence`,
    [caller.organizationId],
  );
const types = async () => (await written()).map(({ type }) => type);

const subscribe = (attributes: object = {}) =>
  caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c1', external_id: 's1', plan_code: 'p', ...attributes },
  });

test('a whole life is told in order', async () => {
  await listen(null);
  await subscribe({ subscription_at: '2024-03-02T00:00:00Z', ending_at: '2024-06-30T12:00:00Z' });
  await caller.ok('PUT', '/subscriptions/s1?status=pending', { subscription: { name: 'Renamed' } });
  await acts.advance('2024-07-02T00:00:00Z');
  expect(await types()).toEqual([
    'subscription.updated',
    'subscription.started',
    'subscription.trial_ended',
    'invoice.created',
    'invoice.created',
    'invoice.created',
    // 45 and 15 days before.
    'subscription.termination_alert',
    'invoice.created',
    'subscription.termination_alert',
    'subscription.terminated',
    'invoice.created',
  ]);
  const [, started] = await written();
  const body = JSON.parse(started!.payload) as object;
  expect(body).toMatchObject({
    webhook_type: 'subscription.started',
    object_type: 'subscription',
    organization_id: caller.organizationId,
    subscription: {
      external_id: 's1',
      status: 'active',
      name: 'Renamed',
      plan: { code: 'p' },
      customer: { external_id: 'c1' },
    },
  });
});

test('an invoice comes as it is read', async () => {
  await listen(['invoice.created']);
  await subscribe();
  await acts.advance('2024-03-03T00:00:00Z');
  const [{ type, payload } = { type: '', payload: '' }] = await written();
  expect(type).toBe('invoice.created');
  const invoice = at(JSON.parse(payload), 'invoice');
  const shown = at(await caller.ok('GET', `/invoices/${at(invoice, 'lago_id') as string}`), 'invoice');
  expect(invoice).toEqual(shown);
});

test('an announcement that was missed is made once, however many days it is late', async () => {
  await listen(['subscription.termination_alert']);
  await subscribe({ ending_at: '2024-06-30T12:00:00Z' });
  await acts.run('2024-06-20T09:00:00Z');
  await acts.run('2024-06-20T09:00:00Z');
  await acts.run('2024-06-21T09:00:00Z');
  expect(await types()).toEqual(['subscription.termination_alert']);
});

test('an endpoint hears what it asked for, and one that wants nothing hears nothing', async () => {
  await listen(['subscription.terminated']);
  await listen([]);
  await subscribe();
  await caller.ok('DELETE', '/subscriptions/s1');
  await acts.run('2024-03-01T00:00:00Z');
  expect(await types()).toEqual(['subscription.terminated']);
});

test('what is rolled back is not told', async () => {
  await listen(null);
  await subscribe();
  const before = await types();
  const cut = actsByHand(app.orm, caller.organizationId, {
    fault: (name) => {
      if (name === 'own-invoice:before-commit') throw new Error('cut');
    },
  });
  await caller.ok('DELETE', '/subscriptions/s1');
  await expect(cut.run('2024-03-01T00:00:00Z')).rejects.toThrow('cut');
  expect(await types()).toEqual([...before, 'subscription.terminated']);
});
