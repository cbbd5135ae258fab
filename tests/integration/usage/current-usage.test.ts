import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  asPlain,
  at,
  listeningApp,
  notFound,
  textAt,
  validationErrors,
  type Caller,
  type ListeningApp,
} from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  caller = await app.organization();
  await clock('2024-03-05T10:30:00.500Z');
});

afterAll(() => app.close());

const clock = (now: string) =>
  app.rows('update organizations set clock_now = $2 where id = $1', [caller.organizationId, now]);

const notAllowed = (code: string) => ({ status: 405, body: { status: 405, error: 'Method Not Allowed', code } });

async function metric(code: string, attributes: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const body = await caller.ok('POST', '/billable_metrics', {
    billable_metric: { name: code, code, aggregation_type: 'sum_agg', field_name: 'value', ...attributes },
  });
  return textAt(body, 'billable_metric.lago_id');
}

const charge = (billable_metric_id: string, amount: string, attributes: Readonly<Record<string, unknown>> = {}) => ({
  billable_metric_id,
  charge_model: 'standard',
  properties: { amount },
  ...attributes,
});

/** The spec's ranges A (usage 3.7). */
const TIERS = [
  { from_value: 0, to_value: 10, per_unit_amount: '10', flat_amount: '2' },
  { from_value: 11, to_value: 20, per_unit_amount: '5', flat_amount: '3' },
  { from_value: 21, to_value: null, per_unit_amount: '5', flat_amount: '3' },
];

const graduated = (billable_metric_id: string) => ({
  billable_metric_id,
  charge_model: 'graduated',
  properties: { graduated_ranges: TIERS },
});

/** Subscribes `c1` as `s1` to a plan with these charges. */
async function subscribe(
  charges: readonly unknown[],
  { customer, plan, subscription }: Partial<Record<'customer' | 'plan' | 'subscription', object>> = {},
) {
  await caller.ok('POST', '/customers', { customer: { external_id: 'c1', currency: 'EUR', ...customer } });
  const made = await caller.ok('POST', '/plans', {
    plan: { name: 'p', code: 'p', interval: 'monthly', amount_cents: 0, amount_currency: 'EUR', charges, ...plan },
  });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c1', external_id: 's1', plan_code: 'p', ...subscription },
  });
  return made;
}

const send = (code: string, value: unknown, timestamp?: string, external_subscription_id = 's1') =>
  caller.ok('POST', '/events', {
    event: {
      transaction_id: randomUUID(),
      code,
      external_subscription_id,
      properties: { value },
      ...(timestamp !== undefined && { timestamp: String(Date.parse(timestamp) / 1000) }),
    },
  });

const usage = (query = '') => caller.send('GET', `/customers/c1/current_usage?external_subscription_id=s1${query}`);

const usageOf = async (query = '') => at((await usage(query)).body, 'customer_usage');

const numbersOf = async (query = '') =>
  (at(await usageOf(query), 'charges_usage') as Record<string, unknown>[]).map(
    ({ units, events_count, amount_cents }) => ({
      units,
      events_count,
      amount_cents,
    }),
  );

describe('current usage', () => {
  test("is the running period so far, through Lago's own client", async () => {
    const calls = await metric('calls', { name: 'Calls', aggregation_type: 'count_agg', field_name: null });
    const plan = await subscribe([{ ...graduated(calls), invoice_display_name: 'API calls' }]);
    for (let sent = 0; sent < 12; sent++) await send('calls', 'x');
    const { data } = await caller.lago.customers.findCustomerCurrentUsage('c1', { external_subscription_id: 's1' });
    expect(data).toEqual({
      customer_usage: {
        from_datetime: '2024-03-05T10:30:00Z',
        to_datetime: '2024-03-31T23:59:59Z',
        issuing_date: '2024-03-31',
        currency: 'EUR',
        amount_cents: 11500,
        taxes_amount_cents: 0,
        total_amount_cents: 11500,
        lago_invoice_id: null,
        charges_usage: [
          {
            units: '12.0',
            total_aggregated_units: '12.0',
            events_count: 12,
            amount_cents: 11500,
            amount_currency: 'EUR',
            pricing_unit_details: null,
            charge: {
              lago_id: textAt(plan, 'plan.charges.0.lago_id'),
              code: 'calls',
              charge_model: 'graduated',
              invoice_display_name: 'API calls',
            },
            billable_metric: { lago_id: calls, name: 'Calls', code: 'calls', aggregation_type: 'count_agg' },
            filters: [],
            grouped_usage: [],
            presentation_breakdowns: [],
          },
        ],
      },
    });
  });

  test('counts the events of one group alone, and is grouped by the other keys', async () => {
    const storage = await metric('gb');
    const grouped = { amount: '10', pricing_group_keys: ['user', 'region'] };
    await subscribe([charge(storage, '10', { properties: grouped })]);
    for (const [user, region] of [
      ['7', 'eu'],
      ['7', 'us'],
      ['8', 'eu'],
      ['9', 'eu'],
    ]) {
      await caller.ok('POST', '/events', {
        event: {
          transaction_id: randomUUID(),
          code: 'gb',
          external_subscription_id: 's1',
          properties: { value: 1, user, region },
        },
      });
    }
    const shown = async (query: string) => {
      const line = at(await usageOf(query), 'charges_usage.0');
      return [at(line, 'units'), (at(line, 'grouped_usage') as { grouped_by: object }[]).map((one) => one.grouped_by)];
    };
    expect(await shown('&group[user]=7')).toEqual(['2.0', [{ region: 'eu' }, { region: 'us' }]]);
    const both = encodeURIComponent('{"user":["7","8"],"region":"eu"}');
    expect(await shown(`&filter_by_group=${both}`)).toEqual(['2.0', []]);
    expect(await shown('&group[user]=none')).toEqual(['0.0', [{ region: null }]]);
    expect(at(await usageOf('&group=%7B%7D'), 'charges_usage.0.units')).toBe('4.0');
  });

  test.each(['group=x', 'group[]=x', `group=${encodeURIComponent('{"user":7}')}`, 'group[user][]=7'])(
    'of %s is refused',
    async (query) => {
      await subscribe([charge(await metric('gb'), '10')]);
      expect(asPlain(await usage(`&${query}`))).toEqual(validationErrors({ group: ['value_is_invalid'] }));
    },
  );

  test('of groups has a line and a price for each, unless they are asked for together', async () => {
    const a = await metric('a');
    const properties = { graduated_ranges: TIERS, pricing_group_keys: ['region'] };
    await subscribe([{ billable_metric_id: a, charge_model: 'graduated', properties }]);
    for (const [region, value] of [
      ['eu', 10],
      ['us', 1],
      ['eu', 2],
    ]) {
      await caller.ok('POST', '/events', {
        event: {
          transaction_id: randomUUID(),
          external_subscription_id: 's1',
          code: 'a',
          properties: { region, value },
        },
      });
    }
    const line = { pricing_unit_details: null, filters: [], presentation_breakdowns: [] };
    const eu = { units: '12.0', total_aggregated_units: '12.0', events_count: 2, amount_cents: 11500 };
    const us = { units: '1.0', total_aggregated_units: '1.0', events_count: 1, amount_cents: 1200 };
    expect(at(await usageOf(), 'charges_usage.0')).toMatchObject({
      units: '13.0',
      events_count: 3,
      amount_cents: 12700,
      grouped_usage: [
        { ...eu, ...line, grouped_by: { region: 'eu' } },
        { ...us, ...line, grouped_by: { region: 'us' } },
      ],
    });
    expect(at(await usageOf('&skip_grouping=true'), 'charges_usage.0')).toMatchObject({
      units: '13.0',
      amount_cents: 12000,
      grouped_usage: [],
    });
  });

  test('says where the test clock stands; of a live organization there is nothing to say', async () => {
    await subscribe([charge(await metric('a'), '1')]);
    await send('a', 1, '2001-01-01T00:00:00Z');
    const { headers } = await usage();
    expect(headers.get('Durabill-Test-Clock')).toBe('2024-03-05T10:30:00Z');
    const refused = await caller.send('GET', '/customers/nobody/current_usage?external_subscription_id=s1');
    expect([refused.status, refused.headers.get('Durabill-Test-Clock')]).toEqual([404, '2024-03-05T10:30:00Z']);
    const live = await app.organization({ test_mode: false });
    expect((await live.send('GET', '/customers')).headers.get('Durabill-Test-Clock')).toBeNull();
  });

  test('keeps charges without events, and their flat amounts', async () => {
    await subscribe([graduated(await metric('a')), charge(await metric('b'), '7')]);
    expect(await numbersOf()).toEqual([
      { units: '0.0', events_count: 0, amount_cents: 200 },
      { units: '0.0', events_count: 0, amount_cents: 0 },
    ]);
    expect(at(await usageOf(), 'amount_cents')).toBe(200);
  });

  test('of a plan without charges is empty', async () => {
    await subscribe([]);
    expect(await usageOf()).toMatchObject({ amount_cents: 0, charges_usage: [] });
  });

  test('sums what is a number, and rounds units as the metric says', async () => {
    const rounded = await metric('rounded', { rounding_function: 'ceil', rounding_precision: 1 });
    await subscribe([charge(rounded, '10'), charge(await metric('value'), '12.5')]);
    for (const value of ['1.01', 2, '1e3', null, -0.5]) {
      await send('rounded', value);
      await send('value', value);
    }
    expect(await numbersOf()).toEqual([
      { units: '2.6', events_count: 3, amount_cents: 2600 },
      // 2.51 x 12.5 = 31.375
      { units: '2.51', events_count: 3, amount_cents: 3138 },
    ]);
  });

  test('below zero costs nothing', async () => {
    await subscribe([charge(await metric('a'), '10')]);
    await send('a', -5);
    expect(await numbersOf()).toEqual([{ units: '0.0', events_count: 1, amount_cents: 0 }]);
  });

  test('has the events of the whole period from the exact start, those to come included', async () => {
    await subscribe([charge(await metric('a'), '1')]);
    await send('a', 1, '2024-03-05T10:30:00.499Z');
    await send('a', 10, '2024-03-05T10:30:00.500Z');
    await send('a', 100, '2024-03-31T23:59:59.999Z');
    await send('a', 1000, '2024-04-01T00:00:00.000Z');
    await send('a', 10_000, '2024-03-20T00:00:00.000Z', 's2');
    expect(await numbersOf()).toMatchObject([{ units: '110.0', events_count: 2 }]);
    await clock('2024-04-15T00:00:00Z');
    expect(await usageOf()).toMatchObject({ from_datetime: '2024-04-01T00:00:00Z', amount_cents: 100_000 });
  });

  test('of a recurring sum carries over, also from an earlier subscription of the same external id', async () => {
    await subscribe([charge(await metric('seats', { recurring: true }), '2')]);
    await send('seats', 5, '2023-06-01T00:00:00Z');
    await send('seats', -2, '2024-03-06T00:00:00Z');
    expect(await numbersOf()).toEqual([{ units: '3.0', events_count: 2, amount_cents: 600 }]);
  });

  test("follows the days of the customer's zone, half hours too", async () => {
    await clock('2024-03-02T00:00:00Z');
    await subscribe([charge(await metric('a'), '1')], {
      customer: { timezone: 'Asia/Kolkata' },
      subscription: { subscription_at: '2024-01-10T00:00:00Z' },
    });
    await send('a', 1, '2024-02-29T18:29:59.999Z');
    await send('a', 10, '2024-02-29T18:30:00Z');
    await send('a', 100, '2024-03-31T18:29:59.999Z');
    await send('a', 1000, '2024-03-31T18:30:00Z');
    expect(await usageOf()).toMatchObject({
      from_datetime: '2024-02-29T18:30:00Z',
      to_datetime: '2024-03-31T18:29:59Z',
      issuing_date: '2024-03-31',
      amount_cents: 11_000,
    });
  });

  test('of a yearly plan with monthly charges is that of the month', async () => {
    await subscribe([charge(await metric('a'), '1')], {
      plan: { interval: 'yearly', bill_charges_monthly: true },
      subscription: { subscription_at: '2023-01-15T00:00:00Z', billing_time: 'anniversary' },
    });
    expect(await usageOf()).toMatchObject({
      from_datetime: '2024-02-15T00:00:00Z',
      to_datetime: '2024-03-14T23:59:59Z',
    });
  });

  test('goes on where the last invoice ended when the time zone has changed', async () => {
    await subscribe([charge(await metric('a'), '1')], {
      subscription: { subscription_at: '2020-06-01T00:00:00Z' },
    });
    // Spec, subscriptions-and-invoices 3.6: invoiced in Paris up to 2020-12-31T22:59:59Z.
    await app.rows(
      `with invoice as (
         insert into invoices (id, organization_id, customer_id, billing_entity_id, invoice_type, status, payment_status,
                               number, issuing_date, payment_due_date, expected_finalization_date, net_payment_term,
                               currency, timezone, timezone_data_version, created_at, updated_at)
         select gen_random_uuid(), organization_id, id, billing_entity_id, 'subscription', 'finalized', 'pending', 'N',
                '2021-01-01', '2021-01-01', '2021-01-01', 0, 'EUR', 'Europe/Paris', 'test', created_at, updated_at
         from customers where organization_id = $1 returning id, created_at)
       insert into invoice_subscriptions (id, organization_id, invoice_id, subscription_id, "timestamp", recurring,
                                          invoicing_reason, charges_from_datetime, charges_to_datetime, created_at)
       select gen_random_uuid(), $1, invoice.id, subscriptions.id, '2020-12-31T23:00:00Z', true, 'subscription_periodic',
              '2020-11-30T23:00:00Z', '2020-12-31T22:59:59.999Z', invoice.created_at
       from invoice, subscriptions where subscriptions.organization_id = $1`,
      [caller.organizationId],
    );
    await clock('2021-01-15T00:00:00Z');
    expect(at(await usageOf(), 'from_datetime')).toBe('2020-12-31T23:00:00Z');
    await clock('2021-02-15T00:00:00Z');
    expect(at(await usageOf(), 'from_datetime')).toBe('2021-02-01T00:00:00Z');
  });

  test('counts events that came before their metric', async () => {
    await send('late', 4, '2024-03-05T10:30:01Z');
    await subscribe([charge(await metric('late'), '1')]);
    await send('late', 6);
    expect(await numbersOf()).toEqual([{ units: '10.0', events_count: 2, amount_cents: 1000 }]);
  });

  test('worth more than a JSON number can say is refused', async () => {
    await subscribe([charge(await metric('a'), '1')]);
    await send('a', '9'.repeat(40));
    expect(asPlain(await usage())).toEqual(validationErrors({ amount_cents: ['value_is_out_of_range'] }));
  });

  test('takes as many statements for ten charges as for one', async () => {
    const charges = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => charge(await metric(`m${index}`), '1')),
    );
    await subscribe(charges.slice(0, 1));
    const forOne = await app.statementsOf(() => usage());
    await caller.ok('PUT', '/plans/p', {
      plan: { name: 'p', code: 'p', interval: 'monthly', amount_cents: 0, amount_currency: 'EUR', charges },
    });
    const forTen = await app.statementsOf(async () => expect(await numbersOf()).toHaveLength(10));
    expect(forOne).toBeGreaterThan(1);
    expect(forTen).toBe(forOne);
  });
});

describe('the charges of current usage', () => {
  beforeEach(async () => {
    const metrics = {
      b: await metric('b', { name: 'beta' }),
      c: await metric('c', { name: 'Gamma' }),
      a: await metric('a', { name: 'Alpha' }),
    };
    await subscribe([
      charge(metrics.c, '1', { code: 'third' }),
      charge(metrics.b, '1', { code: 'second' }),
      charge(metrics.a, '1', { code: 'first' }),
      charge(metrics.b, '5', { code: 'second more' }),
    ]);
  });

  const codes = async (query = '') =>
    (at(await usageOf(query), 'charges_usage') as { charge: { code: string } }[]).map((shown) => shown.charge.code);

  test('are in the order of the names of their metrics', async () => {
    expect(await codes()).toEqual(['first', 'second', 'second more', 'third']);
  });

  test('can be chosen by id, else by code, else by metric', async () => {
    const shown = at(await usageOf(), 'charges_usage') as { charge: { lago_id: string; code: string } }[];
    const id = shown.find((one) => one.charge.code === 'third')?.charge.lago_id ?? '';
    expect(await codes(`&charge_id=${id}`)).toEqual(['third']);
    expect(await codes(`&filter_by_charge_id=${id}&charge_code=first`)).toEqual(['third']);
    expect(await codes('&charge_code=first&billable_metric_code=b')).toEqual(['first']);
    expect(await codes('&filter_by_charge_code=second%20more')).toEqual(['second more']);
    expect(await codes('&billable_metric_code=b')).toEqual(['second', 'second more']);
    expect(await codes('&filter_by_metric_code=c')).toEqual(['third']);
    expect(await codes('&charge_code=&apply_taxes=false&skip_grouping=true&filter_by_presentation=[]')).toHaveLength(4);
  });

  test.each([['charge_id=nothing'], [`charge_id=${randomUUID()}`], ['charge_code=x'], ['billable_metric_code=x']])(
    'that are not in the plan (%s): 404',
    async (query) => {
      expect(asPlain(await usage(`&${query}`))).toEqual(notFound('charge'));
    },
  );

  test('from the start of the subscription need the switch and one charge', async () => {
    await clock('2024-05-05T00:00:00Z');
    await send('a', 5, '2024-03-06T00:00:00Z');
    const refused = notAllowed('full_usage_not_allowed');
    expect(asPlain(await usage('&full_usage=true&charge_code=first'))).toEqual(refused);
    await app.rows('update organizations set premium_integrations = $2 where id = $1', [
      caller.organizationId,
      JSON.stringify(['granular_lifetime_usage']),
    ]);
    expect(asPlain(await usage('&full_usage=true'))).toEqual(refused);
    expect(await usageOf('&full_usage=true&charge_code=first')).toMatchObject({
      from_datetime: '2024-03-05T10:30:00Z',
      to_datetime: '2024-05-31T23:59:59Z',
      amount_cents: 500,
    });
    expect(await usageOf('&charge_code=first')).toMatchObject({ amount_cents: 0 });
  });
});

describe('taxes of current usage', () => {
  test('are those that its invoice would have, rounded once over all fees; none where nobody wants them', async () => {
    const [calls, seats] = [await metric('calls'), await metric('seats')];
    for (const [code, rate] of [
      ['vat', 20],
      ['local', 5.5],
    ] as const) {
      await caller.ok('POST', '/taxes', { tax: { name: code, code, rate } });
    }
    await subscribe([charge(calls, '1', { tax_codes: ['local'] }), charge(seats, '1')], {
      customer: { tax_codes: ['vat'] },
    });
    await send('calls', '68.33');
    await send('seats', '68.33');
    // 6833 at 5.5 % is 375.815, at 20 % 1366.6.
    const amounts = { amount_cents: 13_666, taxes_amount_cents: 1742, total_amount_cents: 15_408 };
    expect(await usageOf()).toMatchObject(amounts);
    expect(await usageOf('&apply_taxes=true')).toMatchObject(amounts);
    expect(await usageOf('&charge_code=calls')).toMatchObject({ amount_cents: 6833, taxes_amount_cents: 376 });
    expect(await usageOf('&apply_taxes=false')).toMatchObject({
      amount_cents: 13_666,
      taxes_amount_cents: 0,
      total_amount_cents: 13_666,
    });
    const statements = (query: string) => app.statementsOf(() => usage(query));
    expect(await statements('')).toBe((await statements('&apply_taxes=false')) + 1);
  });
});

describe('current usage of nobody', () => {
  test('is a 404 for an unknown customer and a 405 without an active subscription of theirs', async () => {
    await subscribe([]);
    await caller.ok('POST', '/customers', { customer: { external_id: 'c2' } });
    const path = (customer: string, query = '') => caller.send('GET', `/customers/${customer}/current_usage${query}`);
    expect(asPlain(await path('nobody', '?external_subscription_id=s1'))).toEqual(notFound('customer'));
    const inactive = notAllowed('no_active_subscription');
    expect(asPlain(await path('c1'))).toEqual(inactive);
    expect(asPlain(await path('c1', '?external_subscription_id='))).toEqual(inactive);
    expect(asPlain(await path('c1', '?external_subscription_id=s2'))).toEqual(inactive);
    expect(asPlain(await path('c2', '?external_subscription_id=s1'))).toEqual(inactive);
    await app.rows("update subscriptions set status = 'terminated' where organization_id = $1", [
      caller.organizationId,
    ]);
    expect(asPlain(await path('c1', '?external_subscription_id=s1'))).toEqual(inactive);
  });

  test('is a 404 with the key of another organization', async () => {
    await subscribe([]);
    const stranger = await app.organization();
    const answer = await stranger.send('GET', '/customers/c1/current_usage?external_subscription_id=s1');
    expect(asPlain(answer)).toEqual(notFound('customer'));
  });
});
