// What metrics brought on invoices, by month (spec, usage 7.6; api 6.3).
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import {
  asPlain,
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

const row = (month: string, code: string, cents: number, currency = 'EUR') => ({
  ...{ month: `${month}-01T00:00:00.000Z`, code, currency },
  amount_cents: cents,
});

const usages = async (query = '') => caller.ok('GET', `/analytics/invoiced_usage${query}`);

beforeAll(async () => {
  app = await listeningApp();
  caller = await app.organization();
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2024-01-01T00:00:00Z');
  await caller.ok('POST', '/billing_entities', {
    billing_entity: { code: 'second', name: 'Second', document_number_prefix: 'SEC' },
  });
  const metric = async (code: string): Promise<string> =>
    textAt(
      await caller.ok('POST', '/billable_metrics', {
        billable_metric: { name: code, code, aggregation_type: 'sum_agg', field_name: 'value' },
      }),
      'billable_metric.lago_id',
    );
  const charges = await Promise.all(
    ['calls', 'storage'].map(async (code) => ({
      ...{ billable_metric_id: await metric(code), charge_model: 'standard', properties: { amount: '1' } },
    })),
  );
  for (const currency of ['EUR', 'USD']) {
    await caller.ok('POST', '/plans', {
      plan: {
        ...{ name: currency, code: currency, interval: 'monthly', amount_cents: 1000, amount_currency: currency },
        ...{ pay_in_advance: false, charges },
      },
    });
  }
  const subscribe = async (id: string, currency: string, attributes: object = {}): Promise<void> => {
    await caller.ok('POST', '/customers', { customer: { external_id: id, currency, ...attributes } });
    await caller.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: id, external_id: id, plan_code: currency },
    });
  };
  await subscribe('c1', 'EUR');
  await subscribe('c2', 'EUR', { billing_entity_code: 'second' });
  await subscribe('c3', 'USD');
  await subscribe('partner', 'EUR', { account_type: 'partner' });
  const use = (id: string, code: string, day: string, value: number) =>
    caller.ok('POST', '/events', {
      event: {
        ...{ transaction_id: `${id} ${code} ${day}`, external_subscription_id: id, code, properties: { value } },
        timestamp: Date.parse(`${day}T00:00:00Z`) / 1000,
      },
    });
  await use('c1', 'calls', '2024-01-10', 1);
  await use('c1', 'storage', '2024-01-10', 2);
  await use('c1', 'calls', '2024-02-10', 30);
  await use('c2', 'calls', '2024-02-10', 400);
  await use('c3', 'calls', '2024-02-10', 5000);
  await use('partner', 'calls', '2024-02-10', 60_000);
  await acts.advance('2024-02-02T00:00:00Z');
  // It takes 10 % of what is not usage too, and of usage alone what is asked for.
  await caller.ok('POST', '/coupons', {
    coupon: {
      ...{ name: 'Ten', code: 'ten', coupon_type: 'percentage', percentage_rate: '10', frequency: 'forever' },
      expiration: 'no_expiration',
    },
  });
  await caller.ok('POST', '/applied_coupons', {
    applied_coupon: { external_customer_id: 'c1', coupon_code: 'ten' },
  });
  await acts.advance('2024-03-05T00:00:00Z');
});
afterAll(() => app.close());

const MARCH = [row('2024-03', 'calls', 2700 + 40_000), row('2024-03', 'calls', 500_000, 'USD')];
const FEBRUARY = [row('2024-02', 'calls', 100), row('2024-02', 'storage', 200)];

test('by the month of the fees, metric and currency, after coupons, partners left out', async () => {
  expect(await usages()).toEqual({ invoiced_usages: [...MARCH, ...FEBRUARY] });
  const { data } = await caller.lago.analytics.findAllInvoicedUsages();
  expect(data.invoiced_usages).toHaveLength(4);
});

test('of some months, a currency, a billing entity', async () => {
  expect(await usages('?months=1')).toEqual({ invoiced_usages: MARCH });
  expect(await usages('?months=2')).toEqual({ invoiced_usages: [...MARCH, ...FEBRUARY] });
  expect(await usages('?currency=USD')).toEqual({ invoiced_usages: [MARCH[1]] });
  expect(await usages('?billing_entity_code=second')).toEqual({ invoiced_usages: [row('2024-03', 'calls', 40_000)] });
});

test('the invoice of a dispute that was lost brought nothing', async () => {
  await app.rows(`update invoices set payment_dispute_lost_at = '2024-03-04Z' where currency = 'USD'`);
  expect(await usages('?months=1')).toEqual({ invoiced_usages: [MARCH[0]] });
  await app.rows('update invoices set payment_dispute_lost_at = null');
});

test('nothing of somebody else, and refusals', async () => {
  const stranger = await app.organization();
  expect(await stranger.ok('GET', '/analytics/invoiced_usage')).toEqual({ invoiced_usages: [] });
  const get = async (query: string) => asPlain(await caller.send('GET', `/analytics/invoiced_usage?${query}`));
  expect(await get('billing_entity_code=third')).toEqual(notFound('billing_entity'));
  expect(await get('months=0')).toEqual(validationErrors({ months: ['value_is_invalid'] }));
  expect(await get('currency=XXX')).toEqual(validationErrors({ currency: ['value_is_invalid'] }));
});
