// What a running period will have used at its end if usage goes on as it has (spec, usage 7.3).
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { asPlain, listeningApp, textAt, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;

beforeAll(async () => {
  app = await listeningApp();
});
afterAll(() => app.close());

const clock = (now: string) =>
  app.rows('update organizations set clock_now = $2 where id = $1', [caller.organizationId, now]);

const use = (id: string, code: string, properties: object) =>
  caller.ok('POST', '/events', {
    event: {
      ...{ transaction_id: id, external_subscription_id: 's1', code, properties },
      timestamp: Date.parse('2024-03-05T00:00:00Z') / 1000,
    },
  });

const PATH = '/customers/c1/projected_usage?external_subscription_id=s1';

beforeEach(async () => {
  caller = await app.organization({ premium_integrations: ['projected_usage'] });
  await clock('2024-03-01T00:00:00Z');
  const metric = async (code: string, attributes: object): Promise<string> =>
    textAt(
      await caller.ok('POST', '/billable_metrics', { billable_metric: { name: code, code, ...attributes } }),
      'billable_metric.lago_id',
    );
  const sum = { aggregation_type: 'sum_agg', field_name: 'value' };
  const filters = [{ key: 'cloud', values: ['aws', 'gcp'] }];
  const standard = (billable_metric_id: string, properties: object, attributes: object = {}) => ({
    ...{ billable_metric_id, charge_model: 'standard', properties },
    ...attributes,
  });
  await caller.ok('POST', '/plans', {
    plan: {
      ...{ name: 'P', code: 'p', interval: 'monthly', amount_cents: 0, amount_currency: 'EUR', pay_in_advance: false },
      charges: [
        standard(await metric('a-seats', { ...sum, recurring: true }), { amount: '10' }),
        standard(await metric('b-calls', sum), { amount: '0.1', pricing_group_keys: ['region'] }),
        standard(
          await metric('c-storage', { ...sum, filters }),
          { amount: '1' },
          {
            filters: [{ properties: { amount: '2' }, values: { cloud: ['aws'] } }],
          },
        ),
      ],
    },
  });
  await caller.ok('POST', '/customers', { customer: { external_id: 'c1', currency: 'EUR' } });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c1', external_id: 's1', plan_code: 'p' },
  });
  await use('1', 'a-seats', { value: 3 });
  await use('2', 'b-calls', { value: 10, region: 'eu' });
  await use('3', 'b-calls', { value: 20, region: 'us' });
  await use('4', 'c-storage', { value: 5, cloud: 'aws' });
  await use('5', 'c-storage', { value: 7, cloud: 'gcp' });
  // 10 of 31 days.
  await clock('2024-03-10T18:00:00Z');
});

test('each charge, group and filter with what it will be; what lasts stays, and what no filter takes is left out', async () => {
  const { customer_projected_usage: usage } = (await caller.ok('GET', PATH)) as {
    readonly customer_projected_usage: { readonly charges_usage: readonly Readonly<Record<string, unknown>>[] };
  };
  expect(usage).toMatchObject({
    from_datetime: '2024-03-01T00:00:00Z',
    to_datetime: '2024-03-31T23:59:59Z',
    amount_cents: 3000 + 300 + 1000 + 700,
    projected_amount_cents: 3000 + 930 + 3100,
    charges_usage: [
      { units: '3.0', projected_units: '3.0', amount_cents: 3000, projected_amount_cents: 3000 },
      {
        ...{ units: '30.0', projected_units: '93.0', amount_cents: 300, projected_amount_cents: 930 },
        grouped_usage: [
          { grouped_by: { region: 'eu' }, projected_units: '31.0', projected_amount_cents: 310 },
          { grouped_by: { region: 'us' }, projected_units: '62.0', projected_amount_cents: 620 },
        ],
      },
      {
        ...{ units: '12.0', projected_units: '15.5', amount_cents: 1700, projected_amount_cents: 3100 },
        filters: [
          { values: { cloud: ['aws'] }, units: '5.0', projected_units: '15.5', projected_amount_cents: 3100 },
          { values: null, units: '7.0', projected_units: '21.7', projected_amount_cents: 2170 },
        ],
      },
    ],
  });
  for (const charge of usage.charges_usage) {
    expect(charge).not.toHaveProperty('total_aggregated_units');
    expect(charge['charge']).not.toHaveProperty('code');
  }
});

test("through Lago's own client", async () => {
  const asked = { external_subscription_id: 's1' };
  const { data } = await caller.lago.customers.findCustomerProjectedUsage('c1', asked);
  expect(data.customer_projected_usage.projected_amount_cents).toBe(7030);
});

test('refusals', async () => {
  const stranger = await app.organization();
  expect(asPlain(await stranger.send('GET', PATH))).toEqual({
    status: 403,
    body: { status: 403, error: 'Forbidden', code: 'projected_usage_not_enabled' },
  });
  expect(asPlain(await caller.send('GET', '/customers/c1/projected_usage'))).toMatchObject({
    status: 405,
    body: { code: 'no_active_subscription' },
  });
});
