// Fees of a charge with filters and a spending minimum, through a whole invoice (spec, usage 4.3, 4.6, 6.9).
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { at, listeningApp, textAt, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;
let metricId: string;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2023-02-01T00:00:00Z');
  const metric = await caller.ok('POST', '/billable_metrics', {
    billable_metric: {
      name: 'Traffic',
      code: 'traffic',
      aggregation_type: 'sum_agg',
      field_name: 'gb',
      filters: [
        { key: 'region', values: ['eu', 'us'] },
        { key: 'cloud', values: ['aws', 'gcp'] },
      ],
    },
  });
  metricId = textAt(metric, 'billable_metric.lago_id');
});
afterAll(() => app.close());

interface ShownFee {
  readonly lago_id: string;
  readonly lago_charge_filter_id: string | null;
  readonly lago_true_up_fee_id: string | null;
  readonly lago_true_up_parent_fee_id: string | null;
  readonly amount_cents: number;
  readonly units: string;
  readonly item: Readonly<Record<string, unknown>>;
}

async function subscribe(charge: object, customer: object = {}): Promise<string> {
  await caller.ok('POST', '/customers', { customer: { external_id: 'c', currency: 'EUR', ...customer } });
  const plan = await caller.ok('POST', '/plans', {
    plan: {
      name: 'p',
      code: 'p',
      interval: 'monthly',
      amount_cents: 0,
      amount_currency: 'EUR',
      charges: [{ billable_metric_id: metricId, charge_model: 'standard', ...charge }],
    },
  });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c', external_id: 's', plan_code: 'p' },
  });
  return textAt(plan, 'plan.charges.0.filters.0.lago_id');
}

const send = (properties: object) =>
  caller.ok('POST', '/events', {
    event: { transaction_id: randomUUID(), code: 'traffic', external_subscription_id: 's', properties },
  });

async function invoice(): Promise<{ readonly status: unknown; readonly total: unknown; readonly fees: ShownFee[] }> {
  const id = textAt(await caller.ok('GET', '/invoices'), 'invoices.0.lago_id');
  const shown = at(await caller.ok('GET', `/invoices/${id}`), 'invoice');
  const fees = (at(shown, 'fees') as ShownFee[]).filter(({ item }) => item['type'] === 'charge');
  return { status: at(shown, 'status'), total: at(shown, 'fees_amount_cents'), fees };
}

const FILTERS = [
  { values: { region: ['eu'], cloud: ['__ALL_FILTER_VALUES__'] }, properties: { amount: '2' } },
  { values: { region: ['us'] }, properties: { amount: '5' }, invoice_display_name: 'America' },
];

test('a filter has a fee that says what it took, also when the filter is gone; so has what none takes', async () => {
  const filterId = await subscribe({ properties: { amount: '1' }, filters: FILTERS });
  await send({ gb: 10, region: 'eu', cloud: 'gcp' });
  await send({ gb: 4, region: 'us' });
  await send({ gb: 3, region: 'eu', cloud: 'azure' });
  await acts.run('2023-03-01T00:00:00Z');
  const { fees, total } = await invoice();
  expect(total).toBe(2000 + 2000 + 300);
  expect(
    fees.map(({ amount_cents, units, item }) => [
      units,
      amount_cents,
      item['filters'],
      item['filter_invoice_display_name'],
    ]),
  ).toEqual([
    ['10.0', 2000, { cloud: ['__ALL_FILTER_VALUES__'], region: ['eu'] }, 'cloud, eu'],
    ['4.0', 2000, { region: ['us'] }, 'America'],
    ['3.0', 300, null, null],
  ]);
  expect(fees[0]?.lago_charge_filter_id).toBe(filterId);
  await caller.ok('DELETE', `/plans/p/charges/traffic/filters/${filterId}`);
  expect((await invoice()).fees).toEqual(fees);
});

test('a draft has the price of a filter that has changed since', async () => {
  const filterId = await subscribe(
    { properties: { amount: '1' }, filters: FILTERS },
    { billing_configuration: { invoice_grace_period: 3 } },
  );
  await send({ gb: 10, region: 'eu', cloud: 'gcp' });
  await acts.run('2023-03-01T00:00:00Z');
  expect(await invoice()).toMatchObject({ status: 'draft', total: 2000 });
  const path = `/plans/p/charges/traffic/filters/${filterId}`;
  await caller.ok('PUT', path, { filter: { properties: { amount: '3' } } });
  await acts.run('2023-03-01T00:00:00Z');
  expect(await invoice()).toMatchObject({ status: 'draft', total: 3000 });
});

test('what all filters lack of the minimum hangs on the fee of what none took, which is there for it', async () => {
  await subscribe({ properties: { amount: '1' }, filters: FILTERS, min_amount_cents: 10_000 });
  await send({ gb: 10, region: 'eu', cloud: 'gcp' });
  await send({ gb: 10, region: 'us' });
  await acts.run('2023-02-25T06:00:00Z');
  await caller.ok('DELETE', '/subscriptions/s');
  await acts.run('2023-02-25T06:00:00Z');
  const { fees } = await invoice();
  // 25 days of 28, less 2000 and 5000 cents.
  expect(fees.map(({ amount_cents, units }) => [units, amount_cents])).toEqual([
    ['10.0', 2000],
    ['10.0', 5000],
    ['0.0', 0],
    ['1.0', 1929],
  ]);
  const [, , parent, trueUp] = fees;
  expect([parent?.lago_true_up_fee_id, trueUp?.lago_true_up_parent_fee_id]).toEqual([trueUp?.lago_id, parent?.lago_id]);
});
