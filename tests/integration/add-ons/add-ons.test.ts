// Add-ons (spec, subscriptions-and-invoices 9; api 2.2, 3.3). Their taxes: tests/integration/taxes/taxes.test.ts.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  asPlain,
  at,
  listeningApp,
  notFound,
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
});
afterAll(() => app.close());

const SETUP = { name: 'Setup', code: 'setup', amount_cents: 5000, amount_currency: 'EUR' };
const create = (add_on: object = SETUP, by = caller) => by.send('POST', '/add_ons', { add_on });
const stored = async () => at(await caller.ok('GET', '/add_ons'), 'add_ons') as object[];

describe('an add-on', () => {
  test('is created, shown, listed, changed and deleted', async () => {
    const shown = {
      lago_id: expect.any(String),
      ...SETUP,
      invoice_display_name: null,
      description: null,
      created_at: expect.any(String),
      taxes: [],
    };
    expect((await create()).body).toEqual({ add_on: shown });
    expect(await caller.ok('GET', '/add_ons/setup')).toEqual({ add_on: shown });
    const changes = {
      name: 'Set-up',
      code: 'set-up',
      amount_cents: 1,
      amount_currency: 'USD',
      invoice_display_name: 'Your set-up',
      description: 'Once',
    };
    expect(await caller.ok('PUT', '/add_ons/setup', { add_on: changes })).toEqual({ add_on: { ...shown, ...changes } });
    expect(await stored()).toEqual([{ ...shown, ...changes }]);
    expect(at(await caller.ok('DELETE', '/add_ons/set-up'), 'add_on.code')).toBe('set-up');
    expect(asPlain(await caller.send('GET', '/add_ons/set-up'))).toEqual(notFound('add_on'));
    expect(await stored()).toEqual([]);
    expect((await create({ ...SETUP, code: 'set-up' })).status).toBe(200);
  });

  test('that is changed or deleted leaves past fees as they are, and a deleted one is sold no more', async () => {
    await create();
    await caller.ok('POST', '/customers', { customer: { external_id: 'acme', currency: 'EUR' } });
    const invoice = { external_customer_id: 'acme', fees: [{ add_on_code: 'setup' }] };
    const id = at(await caller.ok('POST', '/invoices', { invoice }), 'invoice.lago_id');
    await caller.ok('PUT', '/add_ons/setup', { add_on: { amount_cents: 9, invoice_display_name: 'Other' } });
    await caller.ok('DELETE', '/add_ons/setup');
    expect(at(await caller.ok('GET', `/invoices/${id as string}`), 'invoice.fees')).toMatchObject([
      { amount_cents: 5000, item: { code: 'setup', invoice_display_name: 'Setup' } },
    ]);
    expect(asPlain(await caller.send('POST', '/invoices', { invoice }))).toEqual(notFound('add_on'));
  });

  test('is nobody else’s', async () => {
    await create();
    const stranger = await app.organization();
    expect(at(await stranger.ok('GET', '/add_ons'), 'meta.total_count')).toBe(0);
    for (const [method, body] of [['GET'], ['PUT', { add_on: { amount_cents: 1 } }], ['DELETE']] as const) {
      expect(asPlain(await stranger.send(method, '/add_ons/setup', body))).toEqual(notFound('add_on'));
    }
    await stranger.ok('POST', '/customers', { customer: { external_id: 'acme', currency: 'EUR' } });
    const invoice = { external_customer_id: 'acme', fees: [{ add_on_code: 'setup' }] };
    expect(asPlain(await stranger.send('POST', '/invoices', { invoice }))).toEqual(notFound('add_on'));
    expect((await create(SETUP, stranger)).status).toBe(200);
  });

  test('that two create at once is one', async () => {
    const statuses = (await Promise.all([create(), create(), create()])).map(({ status }) => status);
    expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 422, 422]);
  });
});

const LONG = 'x'.repeat(256);

describe('bad input', () => {
  test.each<[field: string, value: unknown, code: string]>([
    ['name', '', 'value_is_mandatory'],
    ['name', null, 'value_is_mandatory'],
    ['name', LONG, 'value_is_too_long'],
    ['code', '', 'value_is_mandatory'],
    ['code', [], 'value_is_invalid'],
    ['code', LONG, 'value_is_too_long'],
    ['amount_cents', null, 'value_is_mandatory'],
    ['amount_cents', 0, 'value_is_out_of_range'],
    ['amount_cents', -5, 'value_is_out_of_range'],
    ['amount_cents', 1.5, 'value_is_invalid'],
    ['amount_cents', 'many', 'value_is_invalid'],
    ['amount_cents', 9_007_199_254_740_992, 'value_is_out_of_range'],
    ['amount_currency', 'XXX', 'value_is_invalid'],
    ['amount_currency', 5, 'value_is_invalid'],
    ['invoice_display_name', LONG, 'value_is_too_long'],
    ['description', 'x'.repeat(10_001), 'value_is_too_long'],
  ])('%s %j is %s, and nothing is stored', async (field, value, code) => {
    const refused = validationErrors({ [field]: [code] });
    expect(asPlain(await create({ ...SETUP, [field]: value }))).toEqual(refused);
    expect(await stored()).toEqual([]);
    await create();
    expect(asPlain(await caller.send('PUT', '/add_ons/setup', { add_on: { [field]: value } }))).toEqual(refused);
    expect(await stored()).toMatchObject([SETUP]);
  });

  test.each(['name', 'code', 'amount_cents'] as const)('%s is mandatory', async (field) => {
    const { [field]: _left, ...addOn } = SETUP;
    expect(asPlain(await create(addOn))).toEqual(validationErrors({ [field]: ['value_is_mandatory'] }));
  });

  test('a taken code is refused, and whatever is not there is 404', async () => {
    await create();
    await create({ ...SETUP, code: 'other' });
    const taken = validationErrors({ code: ['value_already_exist'] });
    expect(asPlain(await create())).toEqual(taken);
    expect(asPlain(await caller.send('PUT', '/add_ons/other', { add_on: { code: 'setup' } }))).toEqual(taken);
    for (const [method, body] of [['GET'], ['PUT', { add_on: { amount_cents: 1 } }], ['DELETE']] as const) {
      expect(asPlain(await caller.send(method, '/add_ons/none', body))).toEqual(notFound('add_on'));
    }
    expect((await caller.send('POST', '/add_ons', {})).status).toBe(400);
    expect((await caller.send('POST', '/add_ons', { add_on: {} })).status).toBe(400);
  });
});
