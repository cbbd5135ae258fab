// Charges in advance (spec, usage 6): each event at once, with an invoice of its own or a fee without one.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../../db/sql.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { listeningApp, textAt, validationErrors, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;
let now: string;

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  caller = await app.organization({ default_currency: 'EUR' });
  acts = actsByHand(app.orm, caller.organizationId);
  await clock('2024-03-01T00:00:00Z');
  await caller.ok('POST', '/customers', { customer: { external_id: 'acme', name: 'Acme', currency: 'EUR' } });
});

afterAll(() => app.close());

const clock = async (to: string): Promise<void> => {
  now = to;
  await acts.run(to);
};

const metric = async (code: string, change: object = { aggregation_type: 'sum_agg', field_name: 'n' }) =>
  textAt(
    await caller.ok('POST', '/billable_metrics', { billable_metric: { name: code, code, ...change } }),
    'billable_metric.lago_id',
  );

const subscribe = async (charges: readonly object[]): Promise<void> => {
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'Gold',
      code: 'gold',
      interval: 'monthly',
      amount_cents: 0,
      amount_currency: 'EUR',
      pay_in_advance: false,
      charges,
    },
  });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'acme', external_id: 'sub', plan_code: 'gold' },
  });
  await acts.run(now);
};

const send = async (transaction_id: string, n: number | string, change: object = {}): Promise<void> => {
  await caller.ok('POST', '/events', {
    event: { transaction_id, external_subscription_id: 'sub', code: 'calls', properties: { n }, ...change },
  });
  await acts.run(now);
};

const fees = async (query = ''): Promise<any[]> => {
  const { fees: list } = (await caller.ok('GET', `/fees?per_page=100${query}`)) as { fees: any[] };
  return list;
};

const invoices = async (): Promise<any[]> => {
  const { invoices: list } = (await caller.ok('GET', '/invoices?per_page=100')) as { invoices: any[] };
  return list;
};

const standard = (billable_metric_id: string, change: object = {}) => ({
  billable_metric_id,
  charge_model: 'standard',
  properties: { amount: '1' },
  pay_in_advance: true,
  ...change,
});

describe('an event of a charge in advance', () => {
  test('has an invoice of its own, dated on its day', async () => {
    await subscribe([standard(await metric('calls'))]);
    await clock('2024-03-05T10:00:00Z');
    await send('e1', 10);
    await send('e2', -4);
    await send('e3', 8);
    expect((await fees()).map((fee) => [fee.event_transaction_id, fee.units, fee.amount_cents])).toEqual([
      ['e1', '10.0', 1000],
      ['e2', '0.0', 0],
      ['e3', '4.0', 400],
    ]);
    const [fee] = await fees('&event_transaction_id=e1');
    expect(fee).toMatchObject({ pay_in_advance: true, invoiceable: true, events_count: 1, amount_details: {} });
    const invoice = (await caller.ok('GET', `/invoices/${fee.lago_invoice_id}`)) as any;
    expect(invoice.invoice).toMatchObject({
      invoice_type: 'subscription',
      status: 'finalized',
      payment_status: 'pending',
      issuing_date: '2024-03-05',
      fees_amount_cents: 1000,
      total_amount_cents: 1000,
      billing_periods: [expect.objectContaining({ invoicing_reason: 'in_advance_charge' })],
    });
    expect(await invoices()).toHaveLength(3);
  });

  test('has a fee without invoice where the charge says so, which is paid, or deleted, by a request', async () => {
    await subscribe([standard(await metric('calls'), { invoiceable: false })]);
    await send('e1', 3);
    await send('e2', 5);
    const [first, second] = await fees();
    expect(first).toMatchObject({
      lago_invoice_id: null,
      invoiceable: false,
      amount_cents: 300,
      payment_status: 'pending',
    });
    expect(await invoices()).toEqual([]);
    const path = `/fees/${first.lago_id}`;
    expect(await caller.send('PUT', path, { fee: { payment_status: 'paid' } })).toMatchObject(
      validationErrors({ payment_status: ['value_is_invalid'] }),
    );
    const paid = (await caller.ok('PUT', path, { fee: { payment_status: 'succeeded' } })) as any;
    expect(paid.fee).toMatchObject({ payment_status: 'succeeded', succeeded_at: '2024-03-01T00:00:00Z' });
    expect(await fees('&payment_status=succeeded')).toHaveLength(1);
    expect(await fees('&succeeded_at_from=2024-03-01T00:00:01Z')).toEqual([]);
    await caller.ok('DELETE', `/fees/${second.lago_id}`);
    expect(await caller.send('GET', `/fees/${second.lago_id}`)).toMatchObject({ status: 404 });
    await send('e3', 1);
    expect((await fees()).map((fee) => fee.event_transaction_id)).toEqual(['e1', 'e3']);
  });

  test('is told of: the fee, then its invoice', async () => {
    await caller.ok('POST', '/webhook_endpoints', {
      webhook_endpoint: { webhook_url: 'https://hooks.test', event_types: ['fee.created', 'invoice.created'] },
    });
    await subscribe([standard(await metric('calls'))]);
    await send('e1', 10);
    const told = await sql<{ type: string }>(
      app.orm.em.fork(),
      `select webhook_type as type from webhooks where organization_id = $1 order by sequence`,
      [caller.organizationId],
    );
    expect(told.map(({ type }) => type)).toEqual(['fee.created', 'invoice.created']);
  });

  test('is taxed, also without an invoice', async () => {
    await caller.ok('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate: '20', applied_to_organization: true } });
    const id = await metric('calls');
    await subscribe([standard(id), standard(id, { invoiceable: false, code: 'apart' })]);
    await send('e1', 10);
    expect((await fees()).map((fee) => [fee.taxes_amount_cents, fee.taxes_rate, fee.applied_taxes.length])).toEqual([
      [200, 20, 1],
      [200, 20, 1],
    ]);
    expect((await invoices())[0]).toMatchObject({ taxes_amount_cents: 200, total_amount_cents: 1200 });
  });

  test('takes what the one before it has left of a coupon', async () => {
    await caller.ok('POST', '/coupons', {
      coupon: {
        name: 'ten',
        code: 'ten',
        coupon_type: 'fixed_amount',
        amount_cents: 1500,
        amount_currency: 'EUR',
        frequency: 'once',
        expiration: 'no_expiration',
      },
    });
    await caller.ok('POST', '/applied_coupons', {
      applied_coupon: { external_customer_id: 'acme', coupon_code: 'ten' },
    });
    await subscribe([standard(await metric('calls'))]);
    await caller.ok('POST', '/events/batch', {
      events: ['e1', 'e2', 'e3'].map((transaction_id) => ({
        transaction_id,
        external_subscription_id: 'sub',
        code: 'calls',
        properties: { n: 10 },
      })),
    });
    await acts.run(now);
    expect(new Set((await invoices()).map((invoice) => invoice.total_amount_cents))).toEqual(new Set([0, 500, 1000]));
  });

  test('is priced by the filter that it matches, and grouped by that filter alone (S015)', async () => {
    const id = await metric('calls', {
      aggregation_type: 'sum_agg',
      field_name: 'n',
      filters: [{ key: 'region', values: ['eu', 'us'] }],
    });
    await subscribe([
      standard(id, {
        properties: { amount: '1', pricing_group_keys: ['user'] },
        filters: [{ values: { region: ['eu'] }, properties: { amount: '20' } }],
      }),
    ]);
    await send('e1', 2, { properties: { n: 2, region: 'eu', user: 'ann' } });
    await send('e2', 2, { properties: { n: 2, region: 'us', user: 'ann' } });
    const [filtered, rest] = await fees();
    expect(filtered).toMatchObject({ amount_cents: 4000, lago_charge_filter_id: expect.any(String) });
    expect(filtered.item).toMatchObject({ filters: { region: ['eu'] }, grouped_by: {} });
    expect(rest).toMatchObject({ amount_cents: 200, lago_charge_filter_id: null });
    expect(rest.item).toMatchObject({ grouped_by: { user: 'ann' } });
  });

  test('belongs to a subscription from its start on, to the millisecond (S014)', async () => {
    now = '2024-03-01T00:00:10.250Z';
    await acts.run(now);
    await subscribe([standard(await metric('calls'))]);
    const at = (timestamp: string) => ({ timestamp });
    const start = Date.parse(now) / 1000;
    await send('before', 1, at(`${start - 0.15}`));
    await send('at', 1, at(`${start}`));
    await send('after', 1, at(`${start + 0.25}`));
    await send('no number', '1e3');
    await send('nothing', '', { properties: {} });
    await send('unknown', 1, { external_subscription_id: 'other' });
    expect(new Set((await fees()).map((fee) => fee.event_transaction_id))).toEqual(new Set(['after', 'at']));
    const open = await sql(
      app.orm.em.fork(),
      `select 1 from acts where organization_id = $1 and kind = 'instantCharge' and state <> 'done'`,
      [caller.organizationId],
    );
    expect(open).toEqual([]);
  });

  test('is on no invoice of its period', async () => {
    await subscribe([standard(await metric('calls'))]);
    await send('e1', 10);
    await acts.advance('2024-04-01T01:00:00Z');
    expect((await invoices()).filter(({ fees_amount_cents: cents }) => cents > 0)).toHaveLength(1);
  });

  test('crosses tiers with the others of its period, whatever came before the charge was there', async () => {
    const id = await metric('calls', { aggregation_type: 'count_agg' });
    await subscribe([
      {
        billable_metric_id: id,
        charge_model: 'graduated',
        pay_in_advance: true,
        invoiceable: false,
        properties: {
          graduated_ranges: [
            { from_value: 0, to_value: 2, per_unit_amount: '0', flat_amount: '0' },
            { from_value: 3, to_value: null, per_unit_amount: '2', flat_amount: '0' },
          ],
        },
      },
    ]);
    const timestamp = Date.parse(now) / 1000 + 60;
    await caller.ok('POST', '/events/batch', {
      events: ['e1', 'e2', 'e3', 'e4'].map((transaction_id) => ({
        transaction_id,
        external_subscription_id: 'sub',
        code: 'calls',
        timestamp,
      })),
    });
    await acts.run(now);
    expect((await fees()).map((fee) => fee.amount_cents)).toEqual([0, 0, 200, 200]);
    // Late ones go on where the priced ones are.
    await send('late', 1, { timestamp: timestamp - 30 });
    expect((await fees()).reduce((sum, fee) => sum + fee.amount_cents, 0)).toBe(600);
    await clock('2024-04-02T00:00:00Z');
    await send('next', 1);
    expect((await fees('&event_transaction_id=next'))[0].amount_cents).toBe(0);
  });
});

describe('an estimate', () => {
  const estimate = async (event: object): Promise<any> =>
    await caller.send('POST', '/events/estimate_fees', {
      event: { external_subscription_id: 'sub', code: 'calls', ...event },
    });
  const instantly = async (event: object): Promise<any> =>
    await caller.send('POST', '/events/estimate_instant_fees', {
      event: { external_subscription_id: 'sub', code: 'calls', ...event },
    });

  test('is what the event would cost now, with taxes; nothing is stored (S020)', async () => {
    await caller.ok('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate: '20', applied_to_organization: true } });
    const ranges = [
      { from_value: 0, to_value: 10, per_unit_amount: '1', flat_amount: '3' },
      { from_value: 11, to_value: null, per_unit_amount: '2', flat_amount: '0' },
    ];
    await subscribe([
      standard(await metric('calls'), { charge_model: 'graduated', properties: { graduated_ranges: ranges } }),
    ]);
    const first = await estimate({ properties: { n: 4 } });
    expect(first.body.fees).toEqual([
      expect.objectContaining({
        lago_id: null,
        lago_invoice_id: null,
        units: '4.0',
        amount_cents: 700,
        taxes_amount_cents: 140,
        amount_details: null,
      }),
    ]);
    await send('e1', 9);
    expect((await estimate({ properties: { n: 4 } })).body.fees[0].amount_cents).toBe(700);
    expect(await fees()).toHaveLength(1);
    await send('e2', 4);
    expect((await fees('&event_transaction_id=e2'))[0].amount_cents).toBe(700);
  });

  test('is refused in the order of the rules', async () => {
    await subscribe([standard(await metric('calls'))]);
    await metric('arrears');
    expect(await estimate({ external_subscription_id: null, external_customer_id: 'acme' })).toMatchObject({
      status: 404,
    });
    expect(await estimate({ timestamp: '2025-01-01', code: 'nothing' })).toMatchObject(
      validationErrors({ timestamp: ['invalid_format'] }),
    );
    expect(await estimate({ code: 'nothing' })).toMatchObject({ status: 404 });
    expect(await estimate({ properties: { n: 'many' }, code: 'arrears' })).toMatchObject(
      validationErrors({ properties: ['value_is_not_valid_number'] }),
    );
    expect(await estimate({ code: 'arrears' })).toMatchObject(
      validationErrors({ code: ['does_not_match_an_instant_charge'] }),
    );
  });

  test('of one event by itself does not look at others (S018, S019)', async () => {
    const percentage = { rate: '0.1', fixed_amount: '0' };
    await subscribe([standard(await metric('calls'), { charge_model: 'percentage', properties: percentage })]);
    expect((await instantly({ properties: { n: '400' } })).body.fees).toEqual([
      expect.objectContaining({
        amount_cents: '40.0',
        units: '400.0',
        taxes_amount_cents: 0,
        precise_unit_amount: '0.1',
      }),
    ]);
    expect((await instantly({ properties: { n: '-4' } })).body.fees[0]).toMatchObject({
      amount_cents: '0.0',
      units: '0.0',
    });
    expect(await instantly({ code: 'other' })).toMatchObject(
      validationErrors({ code: ['does_not_match_an_instant_charge'] }),
    );
    expect(await instantly({ external_subscription_id: 'nobody' })).toMatchObject({ status: 404 });
    const batch = (await caller.ok('POST', '/events/batch_estimate_instant_fees', {
      events: [400, 300].map((n, index) => ({
        transaction_id: `t${index}`,
        external_subscription_id: 'sub',
        code: 'calls',
        properties: { n },
      })),
    })) as any;
    expect(batch.fees.map((fee: any) => [fee.event_transaction_id, fee.amount_cents])).toEqual([
      ['t0', '40.0'],
      ['t1', '30.0'],
    ]);
    expect(await fees()).toEqual([]);
  });
});
