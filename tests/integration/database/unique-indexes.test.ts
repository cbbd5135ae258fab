// What the database itself refuses to have twice, whatever the code above it believes (docs/architecture/acts.md, Three
// guards).
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import { at, listeningApp, textAt, type Caller, type ListeningApp } from '../api/listening-app.ts';
import { actsByHand } from '../../support/acts-by-hand.ts';

let app: ListeningApp;
let caller: Caller;

/** One row of everything: a plan in advance with a charge, billed at its start, for a period, and at its end. */
beforeAll(async () => {
  app = await listeningApp();
  caller = await app.organization({ document_numbering: 'per_billing_entity' });
  const acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2023-03-01T00:00:00Z');
  const metric = await caller.ok('POST', '/billable_metrics', {
    billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' },
  });
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'Plan',
      code: 'plan',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: true,
      charges: [
        {
          billable_metric_id: textAt(metric, 'billable_metric.lago_id'),
          charge_model: 'standard',
          properties: { amount: '1' },
        },
      ],
    },
  });
  await caller.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: 'https://one.test' } });
  await caller.ok('POST', '/customers', { customer: { external_id: 'ann' } });
  const subscription = { external_customer_id: 'ann', external_id: 'sub', plan_code: 'plan' };
  await caller.ok('POST', '/subscriptions', { subscription });
  await caller.ok('POST', '/events', {
    event: { transaction_id: 't', external_subscription_id: 'sub', code: 'calls', timestamp: 1_677_700_000 },
  });
  await acts.advance('2023-04-10T00:00:00Z');
  await caller.ok('DELETE', '/subscriptions/sub');
  await acts.advance('2023-04-11T00:00:00Z');
  await caller.send('POST', '/customers', { customer: { external_id: 'key' } }, { 'Idempotency-Key': 'key' });
});
afterAll(() => app.close());

/** A second row like one that is there, but for its id and what is given. */
const again = (table: string, which: string, changes: object) =>
  app.rows(
    `insert into ${table}
     select (jsonb_populate_record(null::${table}, to_jsonb(present) || $2::jsonb)).* from ${table} present
     where organization_id = $1 and ${which} limit 1 returning 1 as one`,
    [caller.organizationId, JSON.stringify({ id: v7(), ...changes })],
  );

/** An invoice that no lines belong to yet. */
const otherInvoice = async (): Promise<string> => {
  const id = v7();
  await again('invoices', 'true', { id, sequential_id: null, entity_sequential_id: null });
  return id;
};

const ended = `status = 'terminated'`;

describe('a second one is refused:', () => {
  test.each([
    ['an active subscription with one external id', 'subscriptions_one_active', 'subscriptions', ended, {}],
    ['an incomplete subscription with one external id', 'subscriptions_one_incomplete', 'subscriptions', ended, {}],
    ['a subscription that is to start with one external id', 'subscriptions_one_pending', 'subscriptions', ended, {}],
    ['a customer with one external id', 'customers_external_id', 'customers', 'true', { sequential_id: 77 }],
    ['a place among the customers', 'customers_sequence', 'customers', 'true', { external_id: 'other' }],
    ['a code of a plan', 'plans_code', 'plans', 'true', {}],
    ['a code of a metric', 'billable_metrics_code', 'billable_metrics', 'true', {}],
    ['a code of a charge', 'charges_code', 'charges', 'true', {}],
    ['a code of an entity', 'billing_entities_code', 'billing_entities', 'true', { is_default: false }],
    ['a default entity', 'billing_entities_one_default', 'billing_entities', 'true', { code: 'other' }],
    ['the same event', 'events_transaction_id', 'events', 'true', {}],
    ['the same key of an API', 'api_keys_sha256', 'api_keys', 'true', {}],
    ['the URL of an endpoint', 'webhook_endpoints_url', 'webhook_endpoints', 'true', {}],
    ['the same idempotency key', 'idempotency_keys_key', 'idempotency_keys', 'true', {}],
    ['a place in a lane', 'webhooks_sequence', 'webhooks', 'true', {}],
    [
      'the number of a customer at an issuer',
      'invoices_sequence',
      'invoices',
      'sequential_id = 1',
      { entity_sequential_id: null },
    ],
    [
      'the number of an issuer',
      'invoices_entity_sequence',
      'invoices',
      'entity_sequential_id = 1',
      { sequential_id: null },
    ],
  ])('%s', async (_, index, table, which, changes) => {
    const status = {
      subscriptions_one_active: 'active',
      subscriptions_one_incomplete: 'incomplete',
      subscriptions_one_pending: 'pending',
    }[index];
    if (status) await again(table, which, { status });
    await expect(again(table, which, status ? { status } : changes)).rejects.toThrow(`"${index}"`);
  });

  test.each([
    ['the usage of a time', 'invoice_subscriptions_charges_window', 'recurring', { timestamp: '2023-06-01' }],
    ['a first invoice', 'invoice_subscriptions_starting', `invoicing_reason = 'subscription_starting'`, {}],
    ['a last invoice', 'invoice_subscriptions_terminating', `invoicing_reason = 'subscription_terminating'`, {}],
  ])('%s of a subscription', async (_, index, which, changes) => {
    const invoice_id = await otherInvoice();
    const attempt = again('invoice_subscriptions', which, { invoice_id, ...changes });
    await expect(attempt).rejects.toThrow(`"${index}"`);
  });

  test('a subscription on one invoice', async () => {
    const changes = { recurring: false, invoicing_reason: 'subscription_periodic' };
    const attempt = again('invoice_subscriptions', 'true', changes);
    await expect(attempt).rejects.toThrow('"invoice_subscriptions_once"');
  });

  test('a fee for one subscription on one invoice, while charges have as many as they need', async () => {
    const attempt = again('fees', `fee_type = 'subscription'`, {});
    await expect(attempt).rejects.toThrow('"fees_one_subscription_fee"');
    expect(await again('fees', `fee_type = 'charge'`, {})).toHaveLength(1);
  });

  test('the same records of acts', async () => {
    const record = `insert into idempotency_records (idempotency_key, organization_id, act, facts, created_at)
                    values ('\\x00', $1, 'act', '{}', now())`;
    await app.rows(record, [caller.organizationId]);
    await expect(app.rows(record, [caller.organizationId])).rejects.toThrow('"idempotency_records_pkey"');
  });
});

test('what was deleted, or has ended, leaves its code or external id to others', async () => {
  const deleted = { deleted_at: '2023-05-01T00:00:00Z' };
  await caller.ok('POST', '/customers', { customer: { external_id: 'bob' } });
  for (const [table, changes] of [
    ['plans', deleted],
    ['billable_metrics', deleted],
    ['customers', { ...deleted, sequential_id: 78 }],
    ['subscriptions', { status: 'terminated' }],
  ] as const) {
    expect(await again(table, table === 'subscriptions' ? ended : 'deleted_at is null', changes)).toHaveLength(1);
  }
  expect(at(await caller.ok('GET', '/customers/bob'), 'customer.external_id')).toBe('bob');
});
