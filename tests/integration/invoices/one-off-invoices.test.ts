import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
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
  caller = await app.organization({ default_currency: 'EUR' });
  await caller.ok('POST', '/customers', { customer: { external_id: 'acme', currency: 'EUR' } });
  await caller.ok('POST', '/add_ons', {
    add_on: { name: 'Setup', code: 'setup', amount_cents: 1001, amount_currency: 'EUR', description: 'Once' },
  });
});

afterAll(() => app.close());

const post = (invoice: object) =>
  caller.send('POST', '/invoices', {
    invoice: { external_customer_id: 'acme', fees: [{ add_on_code: 'setup' }], ...invoice },
  });
const made = async (invoice: object = {}) => {
  const { status, body } = await post(invoice);
  expect([status, body]).toEqual([200, expect.anything()]);
  return at(body, 'invoice') as any;
};
const tax = (code: string, rate: number | string, more: object = {}) =>
  caller.ok('POST', '/taxes', { tax: { name: code, code, rate, ...more } });

describe('POST /invoices', () => {
  test('makes a final invoice of an add-on, numbered and taxed', async () => {
    await tax('vat', 20, { applied_to_organization: true });
    const invoice = await made();
    expect(invoice).toMatchObject({
      invoice_type: 'one_off',
      status: 'finalized',
      payment_status: 'pending',
      currency: 'EUR',
      sequential_id: 1,
      fees_amount_cents: 1001,
      taxes_amount_cents: 200,
      total_amount_cents: 1201,
      subscriptions: [],
      billing_periods: [],
      applied_taxes: [{ tax_code: 'vat', tax_rate: 20, amount_cents: 200, fees_amount_cents: 1001 }],
    });
    expect(invoice.fees).toMatchObject([
      {
        item: { type: 'add_on', code: 'setup', name: 'Setup', item_type: 'AddOn', description: 'Once' },
        units: '1.0',
        amount_cents: 1001,
        precise_unit_amount: '10.01',
        taxes_amount_cents: 200,
        taxes_rate: 20,
        description: 'Once',
        applied_taxes: [{ tax_code: 'vat', amount_cents: 200 }],
        lago_subscription_id: null,
      },
    ]);
    expect(textAt(await caller.ok('GET', `/invoices/${invoice.lago_id}`), 'invoice.number')).toBe(invoice.number);
  });

  test('rounds units at a price once, and takes what the line says before what the add-on says', async () => {
    const line = {
      add_on_code: 'setup',
      units: '2.5',
      unit_amount_cents: 1001,
      description: 'Days',
      invoice_display_name: 'Work',
    };
    const { fees } = await made({ fees: [line] });
    expect(fees).toMatchObject([
      {
        units: '2.5',
        amount_cents: 2503,
        precise_amount: '25.025',
        description: 'Days',
        item: { invoice_display_name: 'Work' },
      },
    ]);
  });

  test("its own codes come before the add-on's, those before the customer's", async () => {
    await tax('own', 5);
    await tax('sold', 8);
    await tax('customer', 10);
    await caller.ok('POST', '/customers', { customer: { external_id: 'acme', tax_codes: ['customer'] } });
    const line = { add_on_code: 'setup', unit_amount_cents: 1000 };
    expect((await made({ fees: [line] })).taxes_amount_cents).toBe(100);
    await caller.ok('PUT', '/add_ons/setup', { add_on: { tax_codes: ['sold'] } });
    expect((await made({ fees: [line] })).taxes_amount_cents).toBe(80);
    expect((await made({ fees: [{ ...line, tax_codes: ['own'] }] })).taxes_amount_cents).toBe(50);
  });

  test('settles the currency of a customer who has none', async () => {
    await caller.ok('POST', '/customers', { customer: { external_id: 'new' } });
    expect((await made({ external_customer_id: 'new', currency: 'USD' })).currency).toBe('USD');
    expect(at(await caller.ok('GET', '/customers/new'), 'customer.currency')).toBe('USD');
  });

  test.each<[string, object, object]>([
    ['an unknown customer', { external_customer_id: 'nobody' }, notFound('customer')],
    ['no fees', { fees: [] }, notFound('fees')],
    ['no list of fees', { fees: null }, notFound('fees')],
    ['an unknown add-on', { fees: [{ add_on_code: 'x' }] }, notFound('add_on')],
    ['an unknown tax', { fees: [{ add_on_code: 'setup', tax_codes: ['x'] }] }, notFound('tax')],
    ['an unknown issuer', { billing_entity_code: 'x' }, notFound('billing_entity')],
    ['an unknown currency', { currency: 'XXX' }, validationErrors({ currency: ['value_is_invalid'] })],
    [
      'one boundary',
      { fees: [{ add_on_code: 'setup', from_datetime: '2024-01-01T00:00:00Z' }] },
      validationErrors({ boundaries: ['values_are_invalid'] }),
    ],
    [
      'boundaries that are turned round',
      { fees: [{ add_on_code: 'setup', from_datetime: '2024-01-02', to_datetime: '2024-01-01' }] },
      validationErrors({ boundaries: ['values_are_invalid'] }),
    ],
    [
      'negative units',
      { fees: [{ add_on_code: 'setup', units: -1 }] },
      validationErrors({ 'fees.0.units': ['value_is_out_of_range'] }),
    ],
    [
      'units that are none',
      { fees: [{ add_on_code: 'setup', units: 'many' }] },
      validationErrors({ 'fees.0.units': ['value_is_invalid'] }),
    ],
    [
      'a negative price',
      { fees: [{ add_on_code: 'setup', unit_amount_cents: -1 }] },
      validationErrors({ 'fees.0.unit_amount_cents': ['value_is_out_of_range'] }),
    ],
    [
      'more than an invoice can say',
      { fees: [{ add_on_code: 'setup', units: '9007199254740992' }] },
      validationErrors({ fees: ['value_is_out_of_range'] }),
    ],
    [
      'a payment method',
      { payment_method: { payment_method_type: 'provider', payment_method_id: 'x' } },
      validationErrors({ payment_method: ['invalid_payment_method'] }),
    ],
  ])('refuses %s and stores nothing', async (_about, invoice, body) => {
    expect(asPlain(await post(invoice))).toEqual(body);
    expect(at(await caller.ok('GET', '/invoices'), 'meta.total_count')).toBe(0);
  });

  test('a retry is for failed invoices', async () => {
    const { lago_id: id } = await made();
    expect((await caller.send('POST', `/invoices/${id}/retry`)).status).toBe(405);
  });

  test('an invoice of nothing that nobody wants is closed, and its answer says so', async () => {
    await caller.ok('POST', '/customers', { customer: { external_id: 'acme', finalize_zero_amount_invoice: 'skip' } });
    expect((await made({ fees: [{ add_on_code: 'setup', units: 0 }] })).status).toBe('closed');
    expect(at(await caller.ok('GET', '/invoices'), 'meta.total_count')).toBe(0);
  });
});
