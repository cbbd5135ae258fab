// Credit notes are made of invoices, and never of more than there is (spec, money 3.3 to 3.7; S114).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { asPlain, at, listeningApp, notFound, validationErrors, type ListeningApp } from '../api/listening-app.ts';
import { invoiceToCredit, pay, type InvoiceToCredit } from './credited-invoice.ts';

let app: ListeningApp;
let of: InvoiceToCredit;

beforeAll(async () => {
  app = await listeningApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  of = await invoiceToCredit(app);
});

const invoiceNow = async (): Promise<unknown> => at(await of.caller.ok('GET', `/invoices/${of.invoiceId}`), 'invoice');

describe('a credit note', () => {
  test('says all of itself, also when it is read again', async () => {
    const note = await of.credited({
      reason: 'order_change',
      description: 'One too many',
      credit_amount_cents: 8200,
      items: [of.item(0, 6833)],
      metadata: { ticket: '17', none: null },
    });
    const fee = at(await invoiceNow(), 'fees.0');
    expect(note).toMatchObject({
      billing_entity_code: expect.any(String),
      sequential_id: 1,
      number: `${of.invoiceNumber}-CN001`,
      lago_invoice_id: of.invoiceId,
      invoice_number: of.invoiceNumber,
      purchase_order_number: 'PO-7',
      credit_status: 'available',
      refund_status: null,
      reason: 'order_change',
      description: 'One too many',
      currency: 'EUR',
      total_amount_cents: 8200,
      precise_total_amount_cents: '8199.6',
      taxes_amount_cents: 1367,
      precise_taxes_amount_cents: '1366.6',
      taxes_rate: 20,
      sub_total_excluding_taxes_amount_cents: 6833,
      coupons_adjustment_amount_cents: 0,
      balance_amount_cents: 8200,
      credit_amount_cents: 8200,
      refund_amount_cents: 0,
      offset_amount_cents: 0,
      self_billed: false,
      file_url: null,
      xml_url: null,
      items: [
        {
          lago_id: expect.any(String),
          amount_cents: 6833,
          precise_amount_cents: '6833.0',
          amount_currency: 'EUR',
          fee,
        },
      ],
      applied_taxes: [
        {
          lago_id: expect.any(String),
          lago_credit_note_id: note['lago_id'],
          lago_tax_id: expect.any(String),
          tax_code: 'vat',
          tax_rate: 20,
          base_amount_cents: 6833,
          amount_cents: 1367,
          amount_currency: 'EUR',
        },
      ],
      customer: { external_id: 'acme' },
      error_details: [],
      metadata: { ticket: '17', none: null },
    });
    const read = await of.caller.ok('GET', `/credit_notes/${String(note['lago_id'])}`);
    expect(read).toEqual({ credit_note: note });
  });

  test('is for any other reason unless it says so, and has no metadata then', async () => {
    const note = await of.credited({ credit_amount_cents: 120, items: [of.item(0, 100)] });
    expect(note).toMatchObject({ reason: 'other', description: null });
    expect(note).not.toHaveProperty('metadata');
  });

  test('the last one takes what is left: 8200 and 8199 are the invoice', async () => {
    await of.credited({ credit_amount_cents: 8200, items: [of.item(0, 6833)] });
    const last = await of.credited({ credit_amount_cents: 8199, items: [of.item(1, 6833)] });
    expect(last).toMatchObject({
      number: `${of.invoiceNumber}-CN002`,
      sequential_id: 2,
      taxes_amount_cents: 1366,
      precise_taxes_amount_cents: '1366.2',
      total_amount_cents: 8199,
    });
    expect(asPlain(await of.credit({ credit_amount_cents: 1, items: [of.item(1, 1)] }))).toEqual(
      validationErrors({ amount_cents: ['higher_than_remaining_fee_amount'] }),
    );
  });

  test('that misses its items by a cent is put right', async () => {
    const note = await of.credited({ credit_amount_cents: 8201, items: [of.item(0, 6833)] });
    expect(note).toMatchObject({ credit_amount_cents: 8200, balance_amount_cents: 8200, total_amount_cents: 8200 });
  });

  test('a refund waits to be paid back, and only of what was paid', async () => {
    const refund = { refund_amount_cents: 8200, items: [of.item(0, 6833)] };
    expect(asPlain(await of.credit(refund))).toEqual(
      validationErrors({
        refund_amount_cents: ['cannot_refund_unpaid_invoice', 'higher_than_remaining_invoice_amount'],
      }),
    );
    await pay(app, of.invoiceId, 8000);
    expect(asPlain(await of.credit(refund))).toEqual(
      validationErrors({ refund_amount_cents: ['higher_than_remaining_invoice_amount'] }),
    );
    await pay(app, of.invoiceId, 16_399);
    expect(await of.credited(refund)).toMatchObject({
      refund_status: 'pending',
      credit_status: null,
      balance_amount_cents: 0,
      refund_amount_cents: 8200,
    });
  });

  test('a refund and a credit share a note', async () => {
    await pay(app, of.invoiceId, 2000);
    const note = await of.credited({
      refund_amount_cents: 2000,
      credit_amount_cents: 6200,
      items: [of.item(0, 6833)],
    });
    expect(note).toMatchObject({ refund_amount_cents: 2000, balance_amount_cents: 6200, total_amount_cents: 8200 });
  });

  test('an offset is taken off what is due, and what is offset whole is paid', async () => {
    await of.credited({ offset_amount_cents: 8200, items: [of.item(0, 6833)] });
    expect(await invoiceNow()).toMatchObject({
      total_offsetted_credit_note_amount_cents: 8200,
      total_due_amount_cents: 8199,
      total_amount_cents: 16_399,
      payment_status: 'pending',
    });
    const settled = () => of.caller.ok('GET', '/invoices?settlements[]=credit_note');
    expect(at(await settled(), 'meta.total_count')).toBe(1);
    expect(asPlain(await of.credit({ offset_amount_cents: 8201, items: [of.item(1, 6833)] }))).toEqual(
      validationErrors({
        offset_amount_cents: ['higher_than_remaining_invoice_amount'],
        base: ['does_not_match_item_amounts', 'higher_than_remaining_invoice_amount'],
      }),
    );
    await of.credited({ offset_amount_cents: 8199, items: [of.item(1, 6833)] });
    expect(await invoiceNow()).toMatchObject({
      total_offsetted_credit_note_amount_cents: 16_399,
      total_due_amount_cents: 0,
      payment_status: 'succeeded',
      fees: [{ payment_status: 'succeeded' }, { payment_status: 'succeeded' }],
    });
  });

  test('the estimate knows the notes that there are', async () => {
    await of.credited({ credit_amount_cents: 8200, items: [of.item(0, 6833)] });
    const estimate = (items: unknown) =>
      of.caller.send('POST', '/credit_notes/estimate', { credit_note: { invoice_id: of.invoiceId, items } });
    expect((await estimate([of.item(1, 6833)])).body).toMatchObject({
      estimated_credit_note: { max_creditable_amount_cents: 8199, precise_taxes_amount_cents: '1366.2' },
    });
    expect(asPlain(await estimate([of.item(0, 1)]))).toEqual(
      validationErrors({ amount_cents: ['higher_than_remaining_fee_amount'] }),
    );
  });
});

describe('is refused', () => {
  const items = () => [of.item(0, 1000)];
  test.each<[string, (good: object) => object, Readonly<Record<string, readonly string[]>>]>([
    ['no list of items', (good) => ({ ...good, items: 'all' }), { items: ['must_be_an_array'] }],
    ['no items at all', ({ items: _, ...good }: { items?: unknown }) => good, { items: ['must_be_an_array'] }],
    ['an unknown reason', (good) => ({ ...good, reason: 'mood' }), { reason: ['value_is_invalid'] }],
    [
      'a part that is no number',
      (good) => ({ ...good, credit_amount_cents: 'all' }),
      { credit_amount_cents: ['value_is_invalid'] },
    ],
    ['half a cent', (good) => ({ ...good, credit_amount_cents: 0.5 }), { credit_amount_cents: ['value_is_invalid'] }],
    [
      'less than nothing',
      (good) => ({ ...good, credit_amount_cents: -1200 }),
      { credit_amount_cents: ['value_is_out_of_range'] },
    ],
    [
      'parts that are not the items',
      (good) => ({ ...good, credit_amount_cents: 1198 }),
      {
        base: ['does_not_match_item_amounts'],
      },
    ],
    [
      'no parts',
      ({ items: asked }: { items?: unknown }) => ({ items: asked }),
      {
        base: ['does_not_match_item_amounts', 'total_amount_must_be_positive'],
      },
    ],
    ['nothing', () => ({ items: [] }), { base: ['total_amount_must_be_positive'] }],
    ['metadata that is no map', (good) => ({ ...good, metadata: ['a'] }), { metadata: ['value_is_invalid'] }],
    [
      'more metadata than there is room for',
      (good) => ({ ...good, metadata: Object.fromEntries(Array.from({ length: 51 }, (_, key) => [key, 'x'])) }),
      { metadata: ['too_many_keys'] },
    ],
  ])('%s', async (_, change, details) => {
    const good = { credit_amount_cents: 1200, items: items() };
    expect(asPlain(await of.credit(change(good)))).toEqual(validationErrors(details));
    expect(await app.rows('select 1 from credit_notes where organization_id = $1', [of.caller.organizationId])).toEqual(
      [],
    );
  });

  test("what is not there, or another organization's", async () => {
    const stranger = await invoiceToCredit(app, 1);
    expect(asPlain(await of.credit({ invoice_id: stranger.invoiceId, items: [] }))).toEqual(notFound('invoice'));
    expect(asPlain(await of.credit({ items: [stranger.item(0, 1)] }))).toEqual(notFound('fee'));
    const { lago_id: id } = await stranger.credited({ credit_amount_cents: 12, items: [stranger.item(0, 10)] });
    for (const [method, path] of [
      ['GET', ''],
      ['PUT', '/void'],
      ['DELETE', '/metadata'],
    ] as const) {
      const answer = await of.caller.send(method, `/credit_notes/${String(id)}${path}`);
      expect(asPlain(answer)).toEqual(notFound('credit_note'));
    }
  });

  test('more than a fee has left, whatever its notes have become', async () => {
    const { lago_id: id } = await of.credited({ credit_amount_cents: 7200, items: [of.item(0, 6000)] });
    await of.caller.ok('PUT', `/credit_notes/${String(id)}/void`);
    expect(asPlain(await of.credit({ credit_amount_cents: 1001, items: [of.item(0, 834)] }))).toEqual(
      validationErrors({ amount_cents: ['higher_than_remaining_fee_amount'] }),
    );
    await of.credited({ credit_amount_cents: 1000, items: [of.item(0, 833)] });
  });

  test('an invoice that waits for its taxes', async () => {
    await app.rows(`update invoices set status = 'pending' where id = $1`, [of.invoiceId]);
    expect(await of.credit({ credit_amount_cents: 1200, items: items() })).toMatchObject({
      status: 405,
      body: { code: 'invalid_type_or_status' },
    });
  });
});

test('of many at the same moment no more is credited than there is', async () => {
  const asked = await Promise.all(
    Array.from({ length: 6 }, () => of.credit({ credit_amount_cents: 2400, items: [of.item(0, 2000)] })),
  );
  expect(asked.filter(({ status }) => status === 200)).toHaveLength(3);
  expect(asked.filter(({ status }) => status === 422)).toHaveLength(3);
  const rows = await app.rows<{ number: string }>(
    'select number from credit_notes where invoice_id = $1 order by sequential_id',
    [of.invoiceId],
  );
  expect(rows.map(({ number }) => number)).toEqual(
    ['CN001', 'CN002', 'CN003'].map((end) => `${of.invoiceNumber}-${end}`),
  );
});

test('repeated with an idempotency key it is one note', async () => {
  const body = { credit_note: { invoice_id: of.invoiceId, credit_amount_cents: 1200, items: [of.item(0, 1000)] } };
  const send = () => of.caller.send('POST', '/credit_notes', body, { 'Idempotency-Key': 'once' });
  const [first, second] = [await send(), await send()];
  expect(second.body).toEqual(first.body);
  expect(at(await of.caller.ok('GET', '/credit_notes'), 'meta.total_count')).toBe(1);
});

test('the endpoints hear of a note, and of an invoice that an offset has paid', async () => {
  await of.caller.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: 'https://acme.test/hook' } });
  const note = await of.credited({
    offset_amount_cents: 16_399,
    items: [of.item(0, 6833), of.item(1, 6833)],
  });
  const sent = await app.rows<{ type: string; payload: Record<string, unknown> }>(
    `select webhook_type as type, payload::jsonb as payload from webhooks where organization_id = $1
     and webhook_type in ('credit_note.created', 'invoice.payment_status_updated') order by type`,
    [of.caller.organizationId],
  );
  expect(sent.map(({ type }) => type)).toEqual(['credit_note.created', 'invoice.payment_status_updated']);
  expect(sent[0]?.payload).toMatchObject({ object_type: 'credit_note', credit_note: note });
});
