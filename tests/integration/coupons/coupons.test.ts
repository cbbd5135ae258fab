// Coupons themselves (spec, money 2.1): what they take, how they change, end and go.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { at, listeningApp, notFound, validationErrors, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  caller = await app.organization({ default_currency: 'EUR' });
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2024-03-01T00:00:00Z');
  await caller.ok('POST', '/customers', { customer: { external_id: 'acme', currency: 'EUR' } });
  for (const code of ['gold', 'silver']) {
    await caller.ok('POST', '/plans', {
      plan: {
        name: code,
        code,
        interval: 'monthly',
        amount_cents: 1000,
        amount_currency: 'EUR',
        pay_in_advance: false,
      },
    });
  }
  await caller.ok('POST', '/billable_metrics', {
    billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' },
  });
});

afterAll(() => app.close());

const TEN = { name: 'Ten', code: 'ten', amount_cents: 1000, amount_currency: 'EUR' };
const create = (change: object = {}) => caller.send('POST', '/coupons', { coupon: { ...TEN, ...change } });
const made = async (change: object = {}) => {
  const { status, body } = await create(change);
  expect([status, body]).toEqual([200, expect.anything()]);
  return at(body, 'coupon');
};
const put = (change: object, code = 'ten') => caller.send('PUT', `/coupons/${code}`, { coupon: change });
const changed = async (change: object, code = 'ten') => {
  const { status, body } = await put(change, code);
  expect([status, body]).toEqual([200, expect.anything()]);
  return at(body, 'coupon');
};
const read = async (code = 'ten') => at(await caller.ok('GET', `/coupons/${code}`), 'coupon');
const apply = (change: object = {}) =>
  caller.send('POST', '/applied_coupons', {
    applied_coupon: { external_customer_id: 'acme', coupon_code: 'ten', ...change },
  });
const NOT_ALLOWED = { status: 405, body: { code: 'only_one_limitation_type_per_coupon_allowed' } };

describe('POST /coupons', () => {
  test('takes off an amount once, unless it says otherwise', async () => {
    expect(await made()).toEqual({
      lago_id: expect.any(String),
      name: 'Ten',
      code: 'ten',
      description: null,
      coupon_type: 'fixed_amount',
      amount_cents: 1000,
      amount_currency: 'EUR',
      percentage_rate: null,
      frequency: 'once',
      frequency_duration: null,
      reusable: true,
      limited_plans: false,
      plan_codes: [],
      limited_billable_metrics: false,
      billable_metric_codes: [],
      expiration: 'no_expiration',
      expiration_at: null,
      created_at: '2024-03-01T00:00:00Z',
      terminated_at: null,
    });
  });

  test('takes off a part, on some invoices, of some plans, until a moment', async () => {
    const coupon = await made({
      coupon_type: 'percentage',
      percentage_rate: '12.50',
      frequency: 'recurring',
      frequency_duration: 3,
      reusable: false,
      description: 'For friends',
      expiration: 'time_limit',
      expiration_at: '2024-04-01T00:00:00Z',
      applies_to: { plan_codes: ['silver', 'gold', 'gold'] },
    });
    expect(coupon).toMatchObject({
      amount_cents: null,
      amount_currency: null,
      percentage_rate: '12.5',
      frequency_duration: 3,
      reusable: false,
      description: 'For friends',
      expiration_at: '2024-04-01T00:00:00Z',
      limited_plans: true,
      plan_codes: ['gold', 'silver'],
      limited_billable_metrics: false,
    });
    expect(await read()).toEqual(coupon);
  });

  test.each([
    [
      'nothing',
      { amount_cents: null, amount_currency: ' ' },
      {
        amount_cents: ['value_is_mandatory'],
        amount_currency: ['value_is_mandatory'],
      },
    ],
    [
      'no name and no code',
      { name: ' ', code: undefined },
      {
        name: ['value_is_mandatory'],
        code: ['value_is_mandatory'],
      },
    ],
    ['an amount of 0', { amount_cents: 0 }, { amount_cents: ['value_is_out_of_range'] }],
    ['more than JSON can say', { amount_cents: 2 ** 53 }, { amount_cents: ['value_is_out_of_range'] }],
    [
      'unknown kinds',
      { coupon_type: 'gift', frequency: 'often', expiration: 'soon', amount_currency: 'XXX' },
      {
        coupon_type: ['value_is_invalid'],
        frequency: ['value_is_invalid'],
        expiration: ['value_is_invalid'],
        amount_currency: ['value_is_invalid'],
      },
    ],
    ['a percentage without a rate', { coupon_type: 'percentage' }, { percentage_rate: ['value_is_mandatory'] }],
    ['a rate that is none', { percentage_rate: 'ten' }, { percentage_rate: ['value_is_invalid'] }],
    ['recurring without an end', { frequency: 'recurring' }, { frequency_duration: ['value_is_mandatory'] }],
    [
      'recurring without an invoice',
      { frequency: 'recurring', frequency_duration: 0 },
      {
        frequency_duration: ['value_is_out_of_range'],
      },
    ],
    [
      'more invoices than there are',
      { frequency: 'recurring', frequency_duration: 2 ** 31 },
      {
        frequency_duration: ['value_is_out_of_range'],
      },
    ],
    ['a time without a limit', { expiration: 'time_limit' }, { expiration_at: ['invalid_date'] }],
    ['no date', { expiration: 'time_limit', expiration_at: 'soon' }, { expiration_at: ['invalid_date'] }],
    [
      'a moment that has passed',
      { expiration: 'time_limit', expiration_at: '2024-03-01T00:00:00Z' },
      {
        expiration_at: ['invalid_date'],
      },
    ],
  ])('refuses %s', async (_what, change, details) => {
    expect(await create(change)).toMatchObject(validationErrors(details));
  });

  test('refuses a code that is taken, and limits that are not there', async () => {
    await made();
    expect(await create()).toMatchObject(validationErrors({ code: ['value_already_exist'] }));
    expect(await create({ code: 'a', applies_to: { plan_codes: ['gold', 'none'] } })).toMatchObject(notFound('plans'));
    expect(await create({ code: 'b', applies_to: { billable_metric_codes: ['none'] } })).toMatchObject(
      notFound('billable_metrics'),
    );
    const both = { plan_codes: ['gold'], billable_metric_codes: ['calls'] };
    expect(await create({ code: 'c', applies_to: both })).toMatchObject(NOT_ALLOWED);
  });
});

describe('PUT /coupons/{code}', () => {
  test('changes what it names', async () => {
    await made({ applies_to: { plan_codes: ['gold'] } });
    expect(await changed({ name: 'Five', code: 'five', amount_cents: 500, description: 'Less' })).toMatchObject({
      name: 'Five',
      code: 'five',
      amount_cents: 500,
      amount_currency: 'EUR',
      description: 'Less',
      plan_codes: ['gold'],
    });
    expect(await changed({ coupon_type: 'percentage', percentage_rate: '5' }, 'five')).toMatchObject({
      amount_cents: null,
      percentage_rate: '5.0',
    });
    expect(await put({ coupon_type: 'fixed_amount' }, 'five')).toMatchObject(
      validationErrors({ amount_cents: ['value_is_mandatory'], amount_currency: ['value_is_mandatory'] }),
    );
  });

  test('a list of limits takes the place of the one before, whatever its kind', async () => {
    await made({ applies_to: { plan_codes: ['gold'] } });
    expect(await changed({ applies_to: { plan_codes: ['silver'] } })).toMatchObject({ plan_codes: ['silver'] });
    expect(await changed({ applies_to: { billable_metric_codes: [] } })).toMatchObject({ plan_codes: ['silver'] });
    expect(await changed({ applies_to: { billable_metric_codes: ['calls'] } })).toMatchObject({
      limited_plans: false,
      plan_codes: [],
      limited_billable_metrics: true,
      billable_metric_codes: ['calls'],
    });
    expect(await changed({ applies_to: { billable_metric_codes: [] } })).toMatchObject({
      limited_billable_metrics: false,
    });
    const both = { plan_codes: ['gold'], billable_metric_codes: ['calls'] };
    expect(await put({ applies_to: both })).toMatchObject(NOT_ALLOWED);
    expect(await put({ applies_to: { plan_codes: ['none'] } })).toMatchObject(notFound('plans'));
  });

  test('what a customer has had stays as it is, also when it is taken away', async () => {
    const before = await made();
    const { body } = await apply();
    await caller.ok('DELETE', `/customers/acme/applied_coupons/${String(at(body, 'applied_coupon.lago_id'))}`);
    const everything = { ...TEN, code: 'other', amount_cents: 1, frequency: 'forever', reusable: false };
    const limits = { applies_to: { plan_codes: ['gold'] }, coupon_type: 'percentage' };
    expect(await changed({ ...everything, ...limits, name: 'Other', description: 'New' })).toEqual({
      ...(before as object),
      name: 'Other',
      description: 'New',
    });
    const end = { expiration: 'time_limit', expiration_at: '2024-05-01T00:00:00Z' };
    expect(await changed(end)).toMatchObject(end);
  });

  test('refuses the code of another, and knows no other', async () => {
    await made();
    await made({ code: 'other' });
    expect(await put({ code: 'other' })).toMatchObject(validationErrors({ code: ['value_already_exist'] }));
    expect(await put({ name: 'None' }, 'none')).toMatchObject(notFound('coupon'));
  });
});

describe('a coupon whose time is over', () => {
  const limited = (expiration_at: string) => ({ expiration: 'time_limit', expiration_at });

  test('is terminated on the clock of its organization; who has it keeps it', async () => {
    await made(limited('2024-04-15T00:00:00Z'));
    await apply();
    await acts.advance('2024-04-14T23:59:59Z');
    expect(await read()).toMatchObject({ terminated_at: null });
    await acts.advance('2024-04-16T00:00:00Z');
    expect(await read()).toMatchObject({ terminated_at: '2024-04-15T00:00:00Z' });
    expect(await apply()).toMatchObject(notFound('coupon'));
    expect(await caller.ok('GET', '/applied_coupons')).toMatchObject({
      applied_coupons: [{ status: 'active', coupon_status: 'terminated', expiration_at: '2024-04-15T00:00:00Z' }],
    });
  });

  test('cannot be applied any more, whether or not that was noted', async () => {
    await made(limited('2024-04-15T00:00:00Z'));
    await app.rows(`update organizations set clock_now = '2024-04-15T00:00:00Z' where id = $1`, [
      caller.organizationId,
    ]);
    expect(await read()).toMatchObject({ terminated_at: null });
    expect(await apply()).toMatchObject(notFound('coupon'));
  });

  test('ends at the moment that it has now, and not at all without one', async () => {
    await made(limited('2024-04-15T00:00:00Z'));
    await changed(limited('2024-04-20T00:00:00Z'));
    await acts.advance('2024-04-19T00:00:00Z');
    expect(await read()).toMatchObject({ terminated_at: null });
    await changed({ expiration: 'no_expiration' });
    await acts.advance('2024-04-21T00:00:00Z');
    expect(await read()).toMatchObject({ terminated_at: null, expiration_at: null });
    await changed(limited('2024-04-25T00:00:00Z'));
    await acts.advance('2024-04-26T00:00:00Z');
    expect(await read()).toMatchObject({ terminated_at: '2024-04-25T00:00:00Z' });
    expect(await changed({ name: 'Over' })).toMatchObject({ name: 'Over', terminated_at: '2024-04-25T00:00:00Z' });
  });

  test('leaves no act when it is deleted before', async () => {
    await made(limited('2024-04-15T00:00:00Z'));
    await caller.ok('DELETE', '/coupons/ten');
    await acts.advance('2024-04-16T00:00:00Z');
    const open = await app.rows(
      `select 1 from acts where organization_id = $1 and kind = 'expireCoupon' and state <> 'done'`,
      [caller.organizationId],
    );
    expect(open).toEqual([]);
  });
});

describe('DELETE /coupons/{code}', () => {
  test('takes it from everybody; its code is free', async () => {
    await made();
    await apply();
    await apply();
    expect(at(await caller.ok('DELETE', '/coupons/ten'), 'coupon.code')).toBe('ten');
    expect(await caller.send('GET', '/coupons/ten')).toMatchObject(notFound('coupon'));
    expect(await apply()).toMatchObject(notFound('coupon'));
    expect(await caller.ok('GET', '/applied_coupons')).toMatchObject({
      applied_coupons: Array.from({ length: 2 }, () => ({
        status: 'terminated',
        terminated_at: '2024-03-01T00:00:00Z',
        coupon_deleted_at: '2024-03-01T00:00:00Z',
      })),
    });
    await made({ amount_cents: 1 });
    expect(await caller.ok('GET', '/coupons')).toMatchObject({
      coupons: [{ amount_cents: 1 }],
      meta: { total_count: 1 },
    });
  });
});

describe('GET /coupons', () => {
  test('takes as many statements for many as for one', async () => {
    await made({ applies_to: { plan_codes: ['gold'] } });
    const list = () => caller.ok('GET', '/coupons');
    await list();
    const forOne = await app.statementsOf(list);
    for (const code of ['a', 'b', 'c']) await made({ code, applies_to: { plan_codes: ['gold', 'silver'] } });
    expect(await app.statementsOf(list)).toBe(forOne);
    expect(await list()).toMatchObject({ meta: { total_count: 4 } });
  });
});
