// What a request may change of an invoice: payment status, metadata; a draft's deletion (spec,
// subscriptions-and-invoices 8.5, 8.6).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
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

const NOW = '2026-01-15T10:30:00Z';

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run(NOW);
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
  await app.rows(
    `insert into webhook_endpoints (id, organization_id, webhook_url, event_types, created_at, updated_at)
     values ($1, $2, 'https://hooks.test', null, $3, $3)`,
    [v7(), caller.organizationId, NOW],
  );
});
afterAll(() => app.close());

/** The first invoice of a new subscription: a draft if there is a grace period. @returns its id. */
async function invoice(gracePeriod = 0): Promise<string> {
  await caller.ok('POST', '/customers', {
    customer: { external_id: 'c1', billing_configuration: { invoice_grace_period: gracePeriod } },
  });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c1', external_id: 's1', plan_code: 'p', billing_time: 'anniversary' },
  });
  await acts.run(NOW);
  return textAt(await caller.ok('GET', '/invoices'), 'invoices.0.lago_id');
}

const put = (id: string, attributes: object): Promise<Answer> =>
  caller.send('PUT', `/invoices/${id}`, { invoice: attributes });
const updated = async (id: string, attributes: object) => {
  const answer = await put(id, attributes);
  expect(answer.status).toBe(200);
  return at(answer.body, 'invoice') as Record<string, unknown>;
};
const refused = (code: string) => ({ status: 405, body: { status: 405, error: 'Method Not Allowed', code } });

const webhooks = async () =>
  app.rows<{ type: string; payload: string }>(
    `select webhook_type as type, payload from webhooks where organization_id = $1 and object_type = 'invoice'
       and webhook_type not in ('invoice.created', 'invoice.drafted', 'invoice.ready_to_finalize') order by sequence`,
    [caller.organizationId],
  );

describe('the payment status', () => {
  test('goes to the fees with its moment, and is told', async () => {
    const id = await invoice();
    await app.rows('update invoices set payment_overdue = true where id = $1', [id]);
    expect(await updated(id, { payment_status: 'failed' })).toMatchObject({
      payment_status: 'failed',
      payment_overdue: true,
      total_due_amount_cents: 3100,
      fees: [{ payment_status: 'failed', failed_at: NOW, succeeded_at: null }],
    });
    expect(await updated(id, { payment_status: 'succeeded' })).toMatchObject({
      payment_status: 'succeeded',
      payment_overdue: false,
      fees: [{ payment_status: 'succeeded', succeeded_at: NOW, failed_at: null }],
    });
    expect(await updated(id, { payment_status: 'pending' })).toMatchObject({
      fees: [{ payment_status: 'pending', succeeded_at: null, failed_at: null }],
    });
    const told = await webhooks();
    expect(told.map(({ type }) => type)).toEqual(Array(3).fill('invoice.payment_status_updated'));
    expect(at(JSON.parse(told[1]!.payload), 'invoice')).toMatchObject({
      payment_status: 'succeeded',
      customer: { external_id: 'c1' },
      fees: [{ payment_status: 'succeeded' }],
    });
  });

  test('that is the same changes nothing and is not told', async () => {
    const id = await invoice();
    await acts.run('2026-01-16T00:00:00Z');
    expect(await updated(id, { payment_status: 'pending' })).toMatchObject({ updated_at: NOW });
    expect(await webhooks()).toEqual([]);
  });

  test.each([['paid'], [''], [1], [{}]])('%j is no status', async (payment_status) => {
    const id = await invoice();
    expect(asPlain(await put(id, { payment_status }))).toEqual(
      validationErrors({ payment_status: ['value_is_invalid'] }),
    );
  });

  test('of a draft stays', async () => {
    const id = await invoice(3);
    expect(asPlain(await put(id, { payment_status: 'succeeded' }))).toEqual(
      refused('payment_status_update_on_draft_invoice'),
    );
    expect((await put(id, { payment_status: 'pending' })).status).toBe(200);
  });
});

describe('metadata', () => {
  test('is replaced as a whole; an item with its id is the same one', async () => {
    const id = await invoice();
    const { metadata } = await updated(id, {
      metadata: [
        { key: 'team', value: 'blue' },
        { key: ' size ', value: 'XL' },
      ],
    });
    const [team, size] = metadata as { lago_id: string; key: string }[];
    expect(metadata).toEqual([
      { lago_id: expect.any(String), key: 'team', value: 'blue', created_at: NOW },
      { lago_id: expect.any(String), key: 'size', value: 'XL', created_at: NOW },
    ]);
    await acts.run('2026-01-16T00:00:00Z');
    const later = await updated(id, {
      metadata: [
        { id: size!.lago_id, value: 'S' },
        { key: 'new', value: 'x' },
      ],
    });
    expect(later['metadata']).toEqual([
      { lago_id: size!.lago_id, key: 'size', value: 'S', created_at: NOW },
      { lago_id: expect.any(String), key: 'new', value: 'x', created_at: '2026-01-16T00:00:00Z' },
    ]);
    expect(JSON.stringify(later)).not.toContain(team!.lago_id);
    expect((await updated(id, { payment_status: 'succeeded' }))['metadata']).toHaveLength(2);
    expect((await updated(id, { metadata: [] }))['metadata']).toEqual([]);
    expect((await webhooks()).map(({ type }) => type)).toEqual(['invoice.payment_status_updated']);
  });

  const item = (key: string, value = 'x') => ({ key, value });
  test.each([
    [[1, 2, 3, 4, 5, 6].map((n) => item(`k${n}`)), { metadata: ['invalid_count'] }],
    [[item('k'.repeat(21))], { 'metadata.0.key': ['value_is_too_long'] }],
    [[item('k', 'v'.repeat(141))], { 'metadata.0.value': ['value_is_too_long'] }],
    [[item('k'), item('k')], { metadata: ['value_already_exist'] }],
    [[item('')], { metadata: ['value_is_mandatory'] }],
    [[{ key: 'k' }], { metadata: ['value_is_mandatory'] }],
    ['k', { metadata: ['value_is_invalid'] }],
  ])('%j is refused', async (metadata, details) => {
    const id = await invoice();
    expect(asPlain(await put(id, { metadata }))).toEqual(validationErrors(details));
  });

  test('of 5 with the longest key and value is stored', async () => {
    const id = await invoice();
    const metadata = [1, 2, 3, 4, 5].map((n) => item(`${n}`.repeat(20), 'v'.repeat(140)));
    expect((await updated(id, { metadata }))['metadata']).toHaveLength(5);
  });

  test('of a draft is refused', async () => {
    const id = await invoice(3);
    expect(asPlain(await put(id, { metadata: [item('k')] }))).toEqual(refused('metadata_on_draft_invoice'));
  });
});

describe('an update', () => {
  test('of a voided invoice is refused, of an unknown or hidden one a 404', async () => {
    const id = await invoice();
    await app.rows(`update invoices set status = 'voided' where id = $1`, [id]);
    expect(asPlain(await put(id, { payment_status: 'succeeded' }))).toEqual(refused('update_on_voided_invoice'));
    for (const status of ['generating', 'open', 'closed', 'deleted']) {
      await app.rows('update invoices set status = $2 where id = $1', [id, status]);
      expect(asPlain(await put(id, { payment_status: 'succeeded' }))).toEqual(notFound('invoice'));
    }
    expect(asPlain(await put(v7(), { payment_status: 'succeeded' }))).toEqual(notFound('invoice'));
    expect(asPlain(await put('x', { payment_status: 'succeeded' }))).toEqual(notFound('invoice'));
  });

  test('works with the official client', async () => {
    const id = await invoice();
    const { data } = await caller.lago.invoices.updateInvoice(id, {
      invoice: { payment_status: 'succeeded', metadata: [{ key: 'k', value: 'v' }] },
    });
    expect(data.invoice).toMatchObject({ payment_status: 'succeeded', metadata: [{ key: 'k', value: 'v' }] });
  });
});

describe('a deletion', () => {
  test('takes the draft away; its period is not billed again', async () => {
    const id = await invoice(3);
    const answer = await caller.send('DELETE', `/invoices/${id}`);
    expect(answer.status).toBe(200);
    expect(at(answer.body, 'invoice')).toMatchObject({ lago_id: id, total_amount_cents: 3100 });
    expect(asPlain(await caller.send('GET', `/invoices/${id}`))).toEqual(notFound('invoice'));
    expect(asPlain(await caller.send('DELETE', `/invoices/${id}`))).toEqual(notFound('invoice'));
    for (const operation of ['refresh', 'finalize']) {
      expect(asPlain(await caller.send('PUT', `/invoices/${id}/${operation}`))).toEqual(notFound('invoice'));
    }
    expect(at(await caller.ok('GET', '/invoices'), 'invoices')).toEqual([]);
    expect((await webhooks()).map(({ type }) => type)).toEqual(['invoice.deleted']);
    const [windows] = await app.rows('select count(*)::int as count from invoice_subscriptions where invoice_id = $1', [
      id,
    ]);
    expect(windows).toEqual({ count: 1 });
    // What waited for the end of its grace period has nothing to do.
    await acts.advance('2026-02-20T00:00:00Z');
    const open = await app.rows<{ kind: string }>(
      `select kind from acts where organization_id = $1 and state not in ('done', 'failed') and invoice_id = $2`,
      [caller.organizationId, id],
    );
    expect(open).toEqual([]);
    const left = at(await caller.ok('GET', '/invoices'), 'invoices') as { issuing_date: string; status: string }[];
    expect(left.map(({ issuing_date, status }) => [issuing_date, status])).toEqual([['2026-02-18', 'finalized']]);
  });

  test('is for drafts only', async () => {
    const id = await invoice();
    expect(asPlain(await caller.send('DELETE', `/invoices/${id}`))).toEqual(refused('not_deletable'));
    await app.rows(`update invoices set status = 'voided' where id = $1`, [id]);
    expect(asPlain(await caller.send('DELETE', `/invoices/${id}`))).toEqual(refused('not_deletable'));
  });
});

describe('a refresh or finalization of another type than subscription', () => {
  test('is refused', async () => {
    const id = await invoice(3);
    await app.rows(`update invoices set invoice_type = 'one_off' where id = $1`, [id]);
    for (const operation of ['refresh', 'finalize']) {
      const answer = await caller.send('PUT', `/invoices/${id}/${operation}`);
      expect({ status: answer.status, code: at(answer.body, 'code') }).toEqual({
        status: 403,
        code: 'feature_unavailable',
      });
    }
  });
});
