// Coupons of customers (spec, money 2.2): what they take over, which meet, and how they are listed and taken away.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { lockCustomer } from '../../../db/customer-lock.ts';
import { actsByHand } from '../../support/acts-by-hand.ts';
import {
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
  caller = await app.organization({ default_currency: 'EUR' });
  await actsByHand(app.orm, caller.organizationId).run('2024-03-01T00:00:00Z');
  for (const external_id of ['acme', 'other']) {
    await caller.ok('POST', '/customers', { customer: { external_id, name: external_id } });
  }
  const ids: Record<string, string> = {};
  for (const code of ['calls', 'gigabytes']) {
    const metric = await caller.ok('POST', '/billable_metrics', {
      billable_metric: { name: code, code, aggregation_type: 'count_agg' },
    });
    ids[code] = textAt(metric, 'billable_metric.lago_id');
  }
  for (const [code, metric] of [
    ['gold', 'calls'],
    ['silver', 'gigabytes'],
  ] as const) {
    await caller.ok('POST', '/plans', {
      plan: {
        name: code,
        code,
        interval: 'monthly',
        amount_cents: 1000,
        amount_currency: 'EUR',
        pay_in_advance: false,
        charges: [{ billable_metric_id: ids[metric], charge_model: 'standard', properties: { amount: '1' } }],
      },
    });
  }
  await coupon('ten');
});

afterAll(() => app.close());

const coupon = (code: string, change: object = {}) =>
  caller.ok('POST', '/coupons', {
    coupon: { name: code, code, amount_cents: 1000, amount_currency: 'EUR', ...change },
  });
const apply = (coupon_code: string, change: object = {}) =>
  caller.send('POST', '/applied_coupons', {
    applied_coupon: { external_customer_id: 'acme', coupon_code, ...change },
  });
const applied = async (coupon_code: string, change: object = {}) => {
  const { status, body } = await apply(coupon_code, change);
  expect([status, body]).toEqual([200, expect.anything()]);
  return at(body, 'applied_coupon') as any;
};
const OVERLAPPING = { status: 405, body: { code: 'plan_overlapping' } };

describe('POST /applied_coupons', () => {
  test('takes over what the coupon says', async () => {
    expect(await applied('ten')).toEqual({
      lago_id: expect.any(String),
      lago_coupon_id: expect.any(String),
      coupon_code: 'ten',
      coupon_name: 'ten',
      coupon_status: 'active',
      coupon_deleted_at: null,
      lago_customer_id: expect.any(String),
      external_customer_id: 'acme',
      status: 'active',
      amount_cents: 1000,
      amount_cents_remaining: 1000,
      amount_currency: 'EUR',
      percentage_rate: null,
      frequency: 'once',
      frequency_duration: null,
      frequency_duration_remaining: null,
      expiration_at: null,
      created_at: '2024-03-01T00:00:00Z',
      terminated_at: null,
    });
  });

  test('or what is said for this customer', async () => {
    const own = {
      amount_cents: 0,
      amount_currency: 'USD',
      frequency: 'recurring',
      frequency_duration: 3,
      percentage_rate: '50',
    };
    expect(await applied('ten', own)).toMatchObject({
      ...own,
      percentage_rate: null,
      amount_cents_remaining: null,
      frequency_duration_remaining: 3,
    });
    await coupon('half', { coupon_type: 'percentage', percentage_rate: '50' });
    expect(await applied('half', { percentage_rate: '33.333333' })).toMatchObject({
      percentage_rate: '33.33333',
      amount_cents: null,
    });
  });

  test('gives a customer without a currency that of the amount, and leaves another as it is', async () => {
    await applied('ten', { amount_currency: 'USD' });
    await applied('ten', { amount_currency: 'CHF' });
    expect(await caller.ok('GET', '/customers/acme')).toMatchObject({ customer: { currency: 'USD' } });
    await coupon('half', { coupon_type: 'percentage', percentage_rate: '50' });
    await applied('half', { external_customer_id: 'other' });
    expect(await caller.ok('GET', '/customers/other')).toMatchObject({ customer: { currency: null } });
  });

  test('once only, where it is not reusable: also after it was taken away', async () => {
    await coupon('single', { reusable: false });
    const { lago_id } = await applied('single');
    await caller.ok('DELETE', `/customers/acme/applied_coupons/${lago_id}`);
    expect(await apply('single')).toMatchObject(validationErrors({ coupon: ['coupon_is_not_reusable'] }));
    await applied('single', { external_customer_id: 'other' });
  });

  test.each([
    ['the same plan', { plan_codes: ['gold'] }, { plan_codes: ['gold', 'silver'] }, true],
    ['another plan', { plan_codes: ['gold'] }, { plan_codes: ['silver'] }, false],
    ['the same metric', { billable_metric_codes: ['calls'] }, { billable_metric_codes: ['calls'] }, true],
    ['a metric of the plan', { plan_codes: ['gold'] }, { billable_metric_codes: ['calls'] }, true],
    ['the plan of a metric', { billable_metric_codes: ['calls'] }, { plan_codes: ['gold'] }, true],
    ['a metric of another plan', { plan_codes: ['gold'] }, { billable_metric_codes: ['gigabytes'] }, false],
    ['everything', { plan_codes: ['gold'] }, null, false],
  ])('beside one on %s', async (_what, first, second, meets) => {
    await coupon('first', { applies_to: first });
    await coupon('second', { applies_to: second });
    const { lago_id } = await applied('first');
    const answer = await apply('second');
    expect(answer).toMatchObject(meets ? OVERLAPPING : { status: 200 });
    await caller.ok('DELETE', `/customers/acme/applied_coupons/${lago_id}`);
    if (meets) await applied('second');
  });

  test('refuses who or what is not there, and what cannot be', async () => {
    expect(await apply('ten', { external_customer_id: 'nobody' })).toMatchObject(notFound('customer'));
    expect(await apply('none')).toMatchObject(notFound('coupon'));
    expect(await apply('', { external_customer_id: undefined })).toMatchObject(
      validationErrors({ external_customer_id: ['value_is_mandatory'], coupon_code: ['value_is_mandatory'] }),
    );
    expect(await apply('ten', { amount_cents: -1 })).toMatchObject(
      validationErrors({ amount_cents: ['value_is_out_of_range'] }),
    );
    expect(await apply('ten', { amount_currency: 'XXX' })).toMatchObject(
      validationErrors({ amount_currency: ['value_is_invalid'] }),
    );
    expect(await apply('ten', { frequency: 'recurring' })).toMatchObject(
      validationErrors({ frequency_duration: ['value_is_mandatory'] }),
    );
    expect(await apply('ten', { frequency: 'recurring', frequency_duration: 0 })).toMatchObject(
      validationErrors({ frequency_duration: ['value_is_out_of_range'] }),
    );
  });

  test('a customer has a thousand at most', async () => {
    const { lago_id } = await applied('ten');
    await app.rows(
      `insert into applied_coupons select (jsonb_populate_record(applied_coupons, jsonb_build_object('id', gen_random_uuid()))).*
       from applied_coupons, generate_series(2, 1000) where id = $1`,
      [lago_id],
    );
    expect(await apply('ten')).toMatchObject(validationErrors({ base: ['exceeded_limit'] }));
    await caller.ok('DELETE', `/customers/acme/applied_coupons/${lago_id}`);
    await applied('ten');
  });

  test('waits for whoever has the customer', async () => {
    const [customer] = await app.rows<{ id: string }>(
      `select id from customers where organization_id = $1 and external_id = 'acme'`,
      [caller.organizationId],
    );
    const busy = await app.orm.em.fork().transactional(async (em) => {
      await lockCustomer(em, customer!.id);
      return apply('ten');
    });
    expect(busy).toMatchObject({ status: 422, body: { code: 'lock_acquisition_failed' } });
  });
});

describe('GET /applied_coupons', () => {
  const listed = async (path: string) =>
    (at(await caller.ok('GET', path), 'applied_coupons') as any[]).map((one) => [
      one.external_customer_id,
      one.coupon_code,
      one.status,
    ]);

  beforeEach(async () => {
    await coupon('five');
    const { lago_id } = await applied('ten');
    await caller.ok('DELETE', `/customers/acme/applied_coupons/${lago_id}`);
    await applied('five');
    await applied('ten', { external_customer_id: 'other' });
  });

  test.each([
    ['', ['other ten active', 'acme five active', 'acme ten terminated']],
    ['?external_customer_id=acme', ['acme five active', 'acme ten terminated']],
    ['?status=terminated', ['acme ten terminated']],
    ['?coupon_code[]=ten', ['other ten active', 'acme ten terminated']],
    ['?coupon_code[]=ten&coupon_code[]=five&status=active', ['other ten active', 'acme five active']],
    ['?external_customer_id=nobody', []],
    ['?per_page=1&page=2', ['acme five active']],
  ])('of all customers: %p', async (query, rows) => {
    expect((await listed(`/applied_coupons${query}`)).map((row) => row.join(' '))).toEqual(rows);
  });

  test('of one customer', async () => {
    expect(await listed('/customers/acme/applied_coupons')).toEqual([
      ['acme', 'five', 'active'],
      ['acme', 'ten', 'terminated'],
    ]);
    expect(await listed('/customers/acme/applied_coupons?status=active')).toHaveLength(1);
    expect(await caller.send('GET', '/customers/nobody/applied_coupons')).toMatchObject(notFound('customer'));
    expect(await caller.send('GET', '/applied_coupons?status=gone')).toMatchObject(
      validationErrors({ status: ['value_is_invalid'] }),
    );
  });

  test('takes as many statements for many as for one', async () => {
    const list = () => caller.ok('GET', '/applied_coupons');
    await list();
    const few = await app.statementsOf(list);
    for (let count = 0; count < 5; count++) await applied('ten', { external_customer_id: 'other' });
    expect(await app.statementsOf(list)).toBe(few);
  });

  test('shows the newest hundred credits, and what all of them have left', async () => {
    await caller.ok('POST', '/add_ons', {
      add_on: { name: 'setup', code: 'setup', amount_cents: 100, amount_currency: 'EUR' },
    });
    await caller.ok('POST', '/invoices', {
      invoice: { external_customer_id: 'acme', currency: 'EUR', fees: [{ add_on_code: 'setup' }] },
    });
    await app.rows(
      `with copies as (
         insert into invoices
         select (jsonb_populate_record(invoices, jsonb_build_object(
                  'id', gen_random_uuid(), 'number', 'copy ' || n, 'sequential_id', 1000 + n,
                  'created_at', created_at + n * interval '1 minute'))).*
         from invoices, generate_series(1, 120) n where organization_id = $1
         returning id, organization_id, created_at)
       insert into credits (id, organization_id, invoice_id, applied_coupon_id, amount_cents, amount_currency,
                            before_taxes, created_at)
       select gen_random_uuid(), organization_id, id,
              (select id from applied_coupons where organization_id = $1 and amount_cents = 1000 and status = 'active'
                 and customer_id = (select id from customers where organization_id = $1 and external_id = 'other')),
              1, 'EUR', true, created_at
       from copies`,
      [caller.organizationId],
    );
    const newest = await app.rows<{ id: string }>(
      `select id from (select * from credits where organization_id = $1 order by created_at desc limit 100) newest
       order by created_at`,
      [caller.organizationId],
    );
    const list = at(await caller.ok('GET', '/applied_coupons?external_customer_id=other'), 'applied_coupons') as any[];
    expect(list).toMatchObject([{ coupon_code: 'ten', amount_cents_remaining: 880 }]);
    expect(list[0].credits.map(({ lago_id }: any) => lago_id)).toEqual(newest.map(({ id }) => id));
  });
});

describe('DELETE /customers/{external_id}/applied_coupons/{id}', () => {
  test('takes it away, once', async () => {
    const { lago_id } = await applied('ten');
    const path = `/customers/acme/applied_coupons/${lago_id}`;
    const removed = await caller.ok('DELETE', path);
    expect(removed).toMatchObject({
      applied_coupon: { lago_id, status: 'terminated', terminated_at: '2024-03-01T00:00:00Z' },
    });
    await app.rows(`update organizations set clock_now = '2024-03-02T00:00:00Z' where id = $1`, [
      caller.organizationId,
    ]);
    expect(await caller.ok('DELETE', path)).toEqual(removed);
    expect(await caller.send('DELETE', `/customers/other/applied_coupons/${lago_id}`)).toMatchObject(
      notFound('applied_coupon'),
    );
    expect(await caller.send('DELETE', '/customers/acme/applied_coupons/none')).toMatchObject(
      notFound('applied_coupon'),
    );
    expect(await caller.send('DELETE', `/customers/nobody/applied_coupons/${lago_id}`)).toMatchObject(
      notFound('customer'),
    );
  });
});
