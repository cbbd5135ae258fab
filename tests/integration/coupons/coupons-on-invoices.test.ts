// What coupons take off invoices and what becomes of them, in the invoice's transaction (spec, money 2.3 to 2.7, S062,
// S063).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { useCoupons } from '../../../db/queries/coupons/use-coupons.ts';
import { lockCustomer } from '../../../db/customer-lock.ts';
import { scopedTo } from '../../../db/orm.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { at, listeningApp, textAt, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  caller = await app.organization({ default_currency: 'EUR' });
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2024-01-01T00:00:00Z');
  await plan('basic', { amount_cents: 800 });
});

afterAll(() => app.close());

const plan = (code: string, change: object = {}) =>
  caller.ok('POST', '/plans', {
    plan: {
      name: code,
      code,
      interval: 'monthly',
      amount_cents: 1000,
      amount_currency: 'EUR',
      pay_in_advance: false,
      ...change,
    },
  });
const customer = (change: object = {}) =>
  caller.ok('POST', '/customers', { customer: { external_id: 'acme', currency: 'EUR', ...change } });
const subscribe = (external_id: string, plan_code = 'basic', change: object = {}) =>
  caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'acme', external_id, plan_code, billing_time: 'calendar', ...change },
  });
const apply = async (code: string, terms: object = {}) => {
  await caller.ok('POST', '/coupons', {
    coupon: { name: `The ${code}`, code, amount_cents: 1000, amount_currency: 'EUR', ...terms },
  });
  const made = await caller.ok('POST', '/applied_coupons', {
    applied_coupon: { external_customer_id: 'acme', coupon_code: code },
  });
  return textAt(made, 'applied_coupon.lago_id');
};
const invoices = async () =>
  ((await caller.ok('GET', '/invoices')) as { invoices: any[] }).invoices.toReversed().map((one) => ({
    id: one.lago_id as string,
    coupons: one.coupons_amount_cents,
    total: one.total_amount_cents,
    status: one.status,
  }));
const invoiceOf = async (id: string) => at(await caller.ok('GET', `/invoices/${id}`), 'invoice') as any;
const coupons = async () =>
  ((await caller.ok('GET', '/applied_coupons')) as { applied_coupons: any[] }).applied_coupons;

describe('an invoice that is final at once', () => {
  test('takes what is left of a coupon, month after month, until it is used up', async () => {
    await customer();
    await subscribe('s');
    const id = await apply('thousand');
    await acts.advance('2024-02-01T00:00:00Z');
    expect(await coupons()).toMatchObject([
      { status: 'active', amount_cents_remaining: 200, credits: [{ amount_cents: 800 }] },
    ]);
    await acts.advance('2024-03-01T00:00:00Z');
    await acts.advance('2024-04-01T00:00:00Z');
    const made = await invoices();
    expect(made.map(({ coupons: cents, total }) => [cents, total])).toEqual([
      [800, 0],
      [200, 600],
      [0, 800],
    ]);
    expect(await coupons()).toMatchObject([
      {
        lago_id: id,
        status: 'terminated',
        terminated_at: '2024-03-01T00:00:00Z',
        amount_cents_remaining: 0,
        credits: [{ amount_cents: 800 }, { amount_cents: 200 }],
      },
    ]);
    const [first] = made;
    const shown = await invoiceOf(first!.id);
    expect(shown).toMatchObject({ payment_status: 'succeeded', sub_total_excluding_taxes_amount_cents: 0 });
    expect(shown.fees).toMatchObject([
      { precise_coupons_amount_cents: '800.0', sub_total_excluding_taxes_amount_cents: 0 },
    ]);
    expect(shown.credits).toEqual([
      {
        lago_id: expect.any(String),
        amount_cents: 800,
        amount_currency: 'EUR',
        before_taxes: true,
        item: {
          lago_item_id: expect.any(String),
          type: 'coupon',
          code: 'thousand',
          name: 'The thousand',
          description: null,
        },
        invoice: { lago_id: first!.id, payment_status: 'succeeded' },
      },
    ]);
  });

  test('is taxed for what coupons have left', async () => {
    await caller.ok('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate: 20, applied_to_organization: true } });
    await customer();
    await subscribe('s');
    await apply('half', { coupon_type: 'percentage', percentage_rate: '50', frequency: 'forever' });
    await acts.advance('2024-02-01T00:00:00Z');
    const [made] = await invoices();
    expect(made).toMatchObject({ coupons: 400, total: 480 });
    expect(await coupons()).toMatchObject([{ status: 'active', frequency: 'forever' }]);
  });

  test('recurring ones count invoices down', async () => {
    await customer();
    await subscribe('s');
    await apply('twice', { amount_cents: 100, frequency: 'recurring', frequency_duration: 2 });
    await acts.advance('2024-02-01T00:00:00Z');
    expect(await coupons()).toMatchObject([{ status: 'active', frequency_duration_remaining: 1 }]);
    await acts.advance('2024-04-01T00:00:00Z');
    expect(await coupons()).toMatchObject([{ status: 'terminated', frequency_duration_remaining: 0 }]);
    expect((await invoices()).map(({ coupons: cents }) => cents)).toEqual([100, 100, 0]);
  });

  test('limited ones are for their plans and metrics, and of another currency for none', async () => {
    const metric = await caller.ok('POST', '/billable_metrics', {
      billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' },
    });
    const charge = {
      billable_metric_id: textAt(metric, 'billable_metric.lago_id'),
      charge_model: 'standard',
      properties: { amount: '3' },
    };
    await plan('metered', { charges: [charge] });
    await customer();
    await subscribe('s', 'metered');
    await subscribe('t', 'basic');
    await apply('unlimited', { amount_cents: 1 });
    await apply('dollars', { amount_currency: 'USD' });
    await apply('on plan', { amount_cents: 10_000, applies_to: { plan_codes: ['basic'] } });
    await apply('on metric', { amount_cents: 50, applies_to: { billable_metric_codes: ['calls'] } });
    await caller.ok('POST', '/events', {
      event: { transaction_id: '1', external_subscription_id: 's', code: 'calls', timestamp: 1704500000 },
    });
    await acts.advance('2024-02-01T00:00:00Z');
    const [made] = await invoices();
    expect(made).toMatchObject({ coupons: 851, total: 1249 });
    const { fees, credits } = await invoiceOf(made!.id);
    expect(credits.map((one: any) => [one.item.code, one.amount_cents])).toEqual([
      ['on metric', 50],
      ['on plan', 800],
      ['unlimited', 1],
    ]);
    const shareOf = (code: string) =>
      fees.find(({ item }: any) => item.code === code).precise_coupons_amount_cents as string;
    expect([shareOf('calls'), shareOf('basic'), shareOf('metered')]).toEqual(['50.2', '800.0', '0.8']);
  });

  test('one without fees uses nothing', async () => {
    await plan('free', { amount_cents: 0 });
    await customer();
    await subscribe('s', 'free');
    await apply('half', { coupon_type: 'percentage', percentage_rate: '50' });
    await acts.advance('2024-02-01T00:00:00Z');
    expect(await coupons()).toMatchObject([{ status: 'active', credits: [] }]);
  });

  test('a one-off invoice takes none', async () => {
    await customer();
    await apply('thousand');
    await caller.ok('POST', '/add_ons', {
      add_on: { name: 'Setup', code: 'setup', amount_cents: 500, amount_currency: 'EUR' },
    });
    await caller.ok('POST', '/invoices', {
      invoice: { external_customer_id: 'acme', fees: [{ add_on_code: 'setup' }] },
    });
    expect(await invoices()).toMatchObject([{ coupons: 0, total: 500 }]);
    expect(await coupons()).toMatchObject([{ status: 'active', amount_cents_remaining: 1000 }]);
  });

  test('a first invoice in advance and a last one take what there is', async () => {
    await plan('advance', { pay_in_advance: true });
    await customer();
    await apply('hundred', { amount_cents: 100, frequency: 'forever' });
    await subscribe('s', 'advance');
    await subscribe('t');
    await acts.run('2024-01-01T00:00:00Z');
    expect(await invoices()).toMatchObject([{ coupons: 100, total: 900 }]);
    await acts.run('2024-01-16T00:00:00Z');
    await caller.ok('DELETE', '/subscriptions/t');
    await acts.run('2024-01-16T00:00:00Z');
    expect((await invoices()).map(({ coupons: cents }) => cents)).toEqual([100, 100]);
  });
});

describe('a draft', () => {
  test('takes none until it becomes final', async () => {
    await customer({ billing_configuration: { invoice_grace_period: 3 } });
    await subscribe('s');
    await apply('thousand');
    await acts.advance('2024-02-01T00:00:00Z');
    expect(await invoices()).toMatchObject([{ status: 'draft', coupons: 0, total: 800 }]);
    const [draft] = await invoices();
    expect(await caller.ok('PUT', `/invoices/${draft!.id}/refresh`)).toMatchObject({
      invoice: { coupons_amount_cents: 0, credits: [] },
    });
    expect(await coupons()).toMatchObject([{ status: 'active', amount_cents_remaining: 1000, credits: [] }]);
    await acts.advance('2024-02-04T00:00:00Z');
    expect(await invoices()).toMatchObject([{ status: 'finalized', coupons: 800, total: 0 }]);
    expect(await coupons()).toMatchObject([{ status: 'active', amount_cents_remaining: 200 }]);
  });

  test('of a deleted customer becomes final without them', async () => {
    await customer({ billing_configuration: { invoice_grace_period: 3 } });
    await subscribe('s');
    await apply('thousand');
    await acts.advance('2024-02-01T00:00:00Z');
    await caller.ok('DELETE', '/customers/acme');
    await acts.advance('2024-02-02T00:00:00Z');
    expect(await coupons()).toMatchObject([{ status: 'terminated', credits: [] }]);
    expect((await invoices()).map(({ status, coupons: cents }) => [status, cents])).toEqual([
      ['finalized', 0],
      ['finalized', 0],
    ]);
  });
});

describe('under the lock of the customer', () => {
  test('nothing is written without it', async () => {
    await customer();
    const id = await apply('thousand');
    const em = scopedTo(app.orm.em, caller.organizationId);
    const [{ customer_id: customerId }] = (await app.rows<{ customer_id: string }>(
      'select customer_id from applied_coupons where id = $1',
      [id],
    )) as [{ customer_id: string }];
    const use = {
      appliedCouponId: id,
      creditAmountCents: 1000n,
      after: { frequencyDurationRemaining: null, isTerminated: true },
      isChanged: true,
    };
    const now = new Date('2024-01-01T00:00:00Z');
    const used = [{ customerId, uses: [use] }];
    const write = (inner: typeof em) => useCoupons(inner, caller.organizationId, used, now);
    await expect(em.transactional(write)).rejects.toThrow('no_lock_acquired');
    expect(await coupons()).toMatchObject([{ status: 'active' }]);
    await em.transactional(async (inner) => {
      await lockCustomer(inner, customerId);
      await inner.transactional(write);
    });
    expect(await coupons()).toMatchObject([{ status: 'terminated' }]);
  });

  test('an invoice takes a coupon once', async () => {
    await customer();
    await subscribe('s');
    await apply('thousand');
    await acts.advance('2024-02-01T00:00:00Z');
    await expect(
      app.rows(
        `insert into credits select (jsonb_populate_record(credits, jsonb_build_object('id', gen_random_uuid()))).*
         from credits where organization_id = $1`,
        [caller.organizationId],
      ),
    ).rejects.toThrow('credits_coupon_once');
  });

  test('an invoice takes as many statements for many coupons as for one, and none more where there are none', async () => {
    await customer();
    await subscribe('s');
    const billTo = (moment: string) => app.statementsOf(() => acts.advance(moment));
    await billTo('2024-02-01T00:00:00Z');
    const none = await billTo('2024-03-01T00:00:00Z');
    await apply('first', { amount_cents: 1, frequency: 'recurring', frequency_duration: 9 });
    await billTo('2024-04-01T00:00:00Z');
    const one = await billTo('2024-05-01T00:00:00Z');
    for (const code of ['a', 'b', 'c', 'd']) {
      await apply(code, { amount_cents: 1, frequency: 'recurring', frequency_duration: 9 });
    }
    const many = await billTo('2024-06-01T00:00:00Z');
    expect(many).toBe(one);
    // They are read, and what becomes of them is written; their credits are written with the invoice.
    expect(one - none).toBe(2);
    expect((await invoices()).map(({ coupons: cents }) => cents)).toEqual([0, 0, 1, 1, 5]);
  });
});
