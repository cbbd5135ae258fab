// What billed periods have used, from their stored fees (spec, usage 7.4).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
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
let acts: ActsByHand;

beforeAll(async () => {
  app = await listeningApp();
});
afterAll(() => app.close());

interface Period {
  readonly from_datetime: string;
  readonly charges_usage: readonly {
    readonly units: string;
    readonly billable_metric: { readonly code: string };
  }[];
}

const past = async (query: string) =>
  (await caller.ok('GET', `/customers/c1/past_usage?${query}`)) as {
    readonly usage_periods: readonly Period[];
    readonly meta: Readonly<Record<string, unknown>>;
  };

const use = async (id: string, code: string, timestamp: string, properties: object) =>
  caller.ok('POST', '/events', {
    event: {
      ...{ transaction_id: id, external_subscription_id: 's1', code, properties },
      timestamp: Date.parse(timestamp) / 1000,
    },
  });

beforeEach(async () => {
  caller = await app.organization();
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2024-01-01T00:00:00Z');
  const metric = async (code: string, attributes: object): Promise<string> =>
    textAt(
      await caller.ok('POST', '/billable_metrics', { billable_metric: { name: code, code, ...attributes } }),
      'billable_metric.lago_id',
    );
  const storage = await metric('storage', {
    ...{ aggregation_type: 'sum_agg', field_name: 'gb' },
    filters: [{ key: 'cloud', values: ['aws', 'gcp'] }],
  });
  const calls = await metric('calls', { aggregation_type: 'count_agg' });
  await caller.ok('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate: '20', applied_to_organization: true } });
  await caller.ok('POST', '/plans', {
    plan: {
      ...{ name: 'P', code: 'p', interval: 'monthly', amount_cents: 1000, amount_currency: 'EUR' },
      pay_in_advance: false,
      charges: [
        {
          ...{ billable_metric_id: storage, charge_model: 'standard', properties: { amount: '1' } },
          filters: [{ invoice_display_name: 'On AWS', properties: { amount: '2' }, values: { cloud: ['aws'] } }],
        },
        {
          ...{ billable_metric_id: calls, charge_model: 'standard', min_amount_cents: 500 },
          properties: { amount: '0.5', pricing_group_keys: ['region'] },
        },
      ],
    },
  });
  await caller.ok('POST', '/customers', { customer: { external_id: 'c1', currency: 'EUR' } });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c1', external_id: 's1', plan_code: 'p' },
  });
});

describe('of periods that were billed', () => {
  beforeEach(async () => {
    await use('a', 'storage', '2024-01-10T00:00:00Z', { gb: 3, cloud: 'aws' });
    await use('b', 'storage', '2024-01-11T00:00:00Z', { gb: 4, cloud: 'gcp' });
    await use('c', 'calls', '2024-02-10T00:00:00Z', { region: 'eu' });
    await use('d', 'calls', '2024-02-11T00:00:00Z', { region: 'us' });
    await use('e', 'calls', '2024-02-12T00:00:00Z', { region: 'us' });
    await acts.advance('2024-03-02T00:00:00Z');
  });

  test('each has the amounts of its invoice and the usage of its fees', async () => {
    const { usage_periods: periods, meta } = await past('external_subscription_id=s1');
    expect(meta).toMatchObject({ current_page: 1, total_pages: 1, total_count: 2 });
    const invoices = at(await caller.ok('GET', '/invoices'), 'invoices') as { lago_id: string }[];
    expect(periods).toMatchObject([
      {
        from_datetime: '2024-02-01T00:00:00Z',
        to_datetime: '2024-02-29T23:59:59Z',
        issuing_date: '2024-03-01',
        currency: 'EUR',
        // 10.00 for the plan, 1.50 for three calls, 3.50 that they lack of 5.00.
        amount_cents: 1500,
        taxes_amount_cents: 300,
        total_amount_cents: 1800,
        lago_invoice_id: invoices[0]?.lago_id,
        charges_usage: [
          {
            units: '3.0',
            events_count: 3,
            amount_cents: 500,
            billable_metric: { code: 'calls' },
            filters: [],
            grouped_usage: [
              { grouped_by: { region: 'eu' }, units: '1.0', events_count: 1 },
              { grouped_by: { region: 'us' }, units: '2.0', events_count: 2 },
              { grouped_by: {}, units: '0.0', amount_cents: 350 },
            ],
          },
        ],
      },
      {
        from_datetime: '2024-01-01T00:00:00Z',
        // 10.00, 6.00 and 4.00, and 5.00 of calls that nobody made.
        amount_cents: 2500,
        lago_invoice_id: invoices[1]?.lago_id,
        charges_usage: [
          {
            ...{ units: '7.0', total_aggregated_units: '7.0', events_count: 2, amount_cents: 1000 },
            ...{ amount_currency: 'EUR', billable_metric: { code: 'storage' }, grouped_usage: [] },
            filters: [
              { values: { cloud: ['aws'] }, invoice_display_name: 'On AWS', units: '3.0', amount_cents: 600 },
              { values: null, units: '4.0', amount_cents: 400 },
            ],
          },
          { units: '0.0', events_count: 0, amount_cents: 500, billable_metric: { code: 'calls' } },
        ],
      },
    ]);
  });

  test('those of one metric, and no more periods than are wanted', async () => {
    const { usage_periods: periods } = await past('external_subscription_id=s1&billable_metric_code=storage');
    expect(periods.map((period) => period.charges_usage.map(({ billable_metric: { code } }) => code))).toEqual([
      [],
      ['storage'],
    ]);
    const newest = await past('external_subscription_id=s1&periods_count=1');
    expect(newest.usage_periods.map(({ from_datetime: from }) => from)).toEqual(['2024-02-01T00:00:00Z']);
    expect(newest.meta).toMatchObject({ total_count: 1, next_page: null });
    const second = await past('external_subscription_id=s1&per_page=1&page=2');
    expect(second.usage_periods.map(({ from_datetime: from }) => from)).toEqual(['2024-01-01T00:00:00Z']);
    expect((await past('external_subscription_id=s1&periods_count=1&per_page=1&page=2')).usage_periods).toEqual([]);
  });

  test("through Lago's own client", async () => {
    const { data } = await caller.lago.customers.findAllCustomerPastUsage('c1', { external_subscription_id: 's1' });
    expect(data.usage_periods.map(({ amount_cents: cents }) => cents)).toEqual([1500, 2500]);
  });

  test('statements do not grow with the periods', async () => {
    const one = await app.statementsOf(() => past('external_subscription_id=s1&per_page=1'));
    expect(await app.statementsOf(() => past('external_subscription_id=s1'))).toBe(one);
  });
});

test('a subscription that was never billed has none', async () => {
  expect(await past('external_subscription_id=s1')).toMatchObject({ usage_periods: [], meta: { total_count: 0 } });
});

test('refusals', async () => {
  const get = async (path: string) => asPlain(await caller.send('GET', path));
  const mine = '/customers/c1/past_usage';
  expect(await get('/customers/nobody/past_usage?external_subscription_id=s1')).toEqual(notFound('customer'));
  expect(await get(mine)).toEqual(validationErrors({ external_subscription_id: ['value_is_mandatory'] }));
  expect(await get(`${mine}?external_subscription_id=s1&billable_metric_code=x`)).toEqual(notFound('billable_metric'));
  expect(await get(`${mine}?external_subscription_id=s1&periods_count=0`)).toEqual(
    validationErrors({ periods_count: ['value_is_invalid'] }),
  );
});
