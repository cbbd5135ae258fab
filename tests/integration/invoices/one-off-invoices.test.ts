import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import {
  asPlain,
  at,
  featureUnavailable,
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

  test.each(['provider', 'manual'])('is paid by %s: nobody is asked, as there are no providers', async (type) => {
    expect(await made({ payment_method: { payment_method_type: type } })).toMatchObject({
      status: 'finalized',
      payment_status: 'pending',
    });
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

const webhooks = () =>
  app.rows<{ type: string; invoice: any }>(
    `select webhook_type as type, payload::jsonb->'invoice' as invoice from webhooks
     where organization_id = $1 and object_type = 'invoice' order by sequence`,
    [caller.organizationId],
  );
const listen = () =>
  app.rows(
    `insert into webhook_endpoints (id, organization_id, webhook_url, event_types, created_at, updated_at)
     values ($1, $2, 'https://hooks.test', null, now(), now())`,
    [v7(), caller.organizationId],
  );

describe('a one-off invoice', () => {
  test('has every field that is asked for, and is announced as it is', async () => {
    await listen();
    await caller.ok('POST', '/billing_entities', {
      billing_entity: { code: 'other', name: 'Other', document_number_prefix: 'OTH-1', net_payment_term: 10 },
    });
    const invoice = await made({
      billing_entity_code: 'other',
      purchase_order_number: ' PO-7 ',
      currency: 'USD',
      skip_psp: true,
      fees: [
        {
          add_on_code: 'setup',
          units: 3,
          unit_amount_cents: 333,
          from_datetime: '2024-01-01T00:00:00Z',
          to_datetime: '2024-01-31T23:59:59Z',
        },
        { add_on_code: 'setup', invoice_display_name: 'Again', units: null, unit_amount_cents: null },
      ],
    });
    expect(invoice).toMatchObject({
      billing_entity_code: 'other',
      number: expect.stringMatching(/^OTH-1-/),
      purchase_order_number: 'PO-7',
      // The customer's is another: nothing is compared (spec, subscriptions-and-invoices 9).
      currency: 'USD',
      fees_amount_cents: 2000,
      net_payment_term: 10,
      payment_status: 'pending',
    });
    expect(invoice.fees).toMatchObject([
      {
        units: '3.0',
        amount_cents: 999,
        from_date: '2024-01-01T00:00:00Z',
        to_date: '2024-01-31T23:59:59Z',
        item: { invoice_display_name: 'Setup' },
      },
      { units: '1.0', amount_cents: 1001, item: { invoice_display_name: 'Again' } },
    ]);
    expect(await webhooks()).toEqual([{ type: 'invoice.one_off_created', invoice }]);
  });

  test('is made once for one Idempotency-Key, and again for another', async () => {
    await listen();
    const body = { invoice: { external_customer_id: 'acme', fees: [{ add_on_code: 'setup' }] } };
    const send = (key: string) => caller.send('POST', '/invoices', body, { 'Idempotency-Key': key });
    const [first, again, other] = [await send('one'), await send('one'), await send('two')];
    expect(again.body).toEqual(first.body);
    expect(at(other.body, 'invoice.sequential_id')).toBe(2);
    expect(await webhooks()).toHaveLength(2);
  });

  test('leaves no trace where its last line is refused', async () => {
    await listen();
    const answer = await post({ currency: 'USD', fees: [{ add_on_code: 'setup' }, { add_on_code: 'none' }] });
    expect(asPlain(answer)).toEqual(notFound('add_on'));
    expect(await app.rows('select 1 from invoices where organization_id = $1', [caller.organizationId])).toEqual([]);
    expect(await app.rows('select 1 from fees where organization_id = $1', [caller.organizationId])).toEqual([]);
    expect(await webhooks()).toEqual([]);
  });

  test('is numbered without a hole or a double, however many of one customer come at once', async () => {
    const count = Number(process.env['ONE_OFF_INVOICES'] ?? 60);
    const numbers = await Promise.all(
      Array.from({ length: count }, async () => {
        // Whoever has waited too long for the customer comes again, as the answer says.
        for (;;) {
          const { status, body } = await post({});
          if (status === 200) return at(body, 'invoice.sequential_id') as number;
          expect(at(body, 'code')).toBe('lock_acquisition_failed');
        }
      }),
    );
    expect(numbers.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: count }, (_, index) => index + 1),
    );
  });
});

describe('bad input', () => {
  const fee = (attributes: object) => ({ fees: [{ add_on_code: 'setup', ...attributes }] });
  test.each<[string, object, Readonly<Record<string, readonly string[]>>]>([
    ['no customer', { external_customer_id: null }, { external_customer_id: ['value_is_mandatory'] }],
    ['fees that are no list', { fees: 'setup' }, { fees: ['value_is_invalid'] }],
    ['a fee that is none', { fees: [5] }, { 'fees.0': ['value_is_invalid'] }],
    [
      '501 fees',
      { fees: Array.from({ length: 501 }, () => ({ add_on_code: 'setup' })) },
      { fees: ['value_is_out_of_range'] },
    ],
    ['a fee of no add-on', { fees: [{}] }, { 'fees.0.add_on_code': ['value_is_mandatory'] }],
    ['units with an exponent of a hundred', fee({ units: '1e100' }), { 'fees.0.units': ['value_is_invalid'] }],
    ['units of another kind', fee({ units: { of: 1 } }), { 'fees.0.units': ['value_is_invalid'] }],
    ['a price with a fraction', fee({ unit_amount_cents: 1.5 }), { 'fees.0.unit_amount_cents': ['value_is_invalid'] }],
    ['a price as a text', fee({ unit_amount_cents: '1' }), { 'fees.0.unit_amount_cents': ['value_is_invalid'] }],
    [
      'a long name',
      fee({ invoice_display_name: 'x'.repeat(256) }),
      { 'fees.0.invoice_display_name': ['value_is_too_long'] },
    ],
    ['a long description', fee({ description: 'x'.repeat(10_001) }), { 'fees.0.description': ['value_is_too_long'] }],
    ['taxes that are no list', fee({ tax_codes: 'vat' }), { 'fees.0.tax_codes': ['value_is_invalid'] }],
    [
      'a boundary that is no time',
      fee({ from_datetime: 'then', to_datetime: 'now' }),
      {
        'fees.0.from_datetime': ['invalid_date'],
        'fees.0.to_datetime': ['invalid_date'],
      },
    ],
    [
      'a long purchase order',
      { purchase_order_number: 'x'.repeat(256) },
      { purchase_order_number: ['value_is_too_long'] },
    ],
    ['skip_psp that is neither', { skip_psp: 'yes' }, { skip_psp: ['value_is_invalid'] }],
  ])('%s is refused, and nothing is stored', async (_about, invoice, details) => {
    expect(asPlain(await post(invoice))).toEqual(validationErrors(details));
    expect(await app.rows('select 1 from invoices where organization_id = $1', [caller.organizationId])).toEqual([]);
  });

  test('custom sections are refused by name', async () => {
    expect(asPlain(await post({ invoice_custom_section: { skip_invoice_custom_sections: true } }))).toEqual(
      featureUnavailable('invoice_custom_section'),
    );
  });

  test('no root and an empty one are 400', async () => {
    expect((await caller.send('POST', '/invoices', {})).status).toBe(400);
    expect((await caller.send('POST', '/invoices', { invoice: {} })).status).toBe(400);
  });

  test("another organization's customer, add-on and invoice are not there", async () => {
    const { lago_id: id } = await made();
    const stranger = await app.organization({ default_currency: 'EUR' });
    const invoice = { external_customer_id: 'acme', fees: [{ add_on_code: 'setup' }] };
    expect(asPlain(await stranger.send('POST', '/invoices', { invoice }))).toEqual(notFound('customer'));
    expect(asPlain(await stranger.send('POST', `/invoices/${id}/retry`))).toEqual(notFound('invoice'));
  });
});
