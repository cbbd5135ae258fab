// What becomes of a credit note: its refund, its metadata, its end; and the lists that find it (spec, money 3.10; api
// 2.6).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { asPlain, at, listeningApp, notFound, validationErrors, type ListeningApp } from '../api/listening-app.ts';
import { invoiceToCredit, pay, type InvoiceToCredit } from './credited-invoice.ts';

let app: ListeningApp;
let of: InvoiceToCredit;
let path: string;

beforeAll(async () => {
  app = await listeningApp();
});
afterAll(() => app.close());

/** A refund of 2000 and a credit of 6200. */
beforeEach(async () => {
  of = await invoiceToCredit(app);
  await pay(app, of.invoiceId, 2000);
  const note = await of.credited({
    refund_amount_cents: 2000,
    credit_amount_cents: 6200,
    items: [of.item(0, 6833)],
    metadata: { ticket: '17' },
  });
  path = `/credit_notes/${String(note['lago_id'])}`;
});

const note = async () => at(await of.caller.ok('GET', path), 'credit_note');

test('a refund succeeds or fails, and metadata is added', async () => {
  const changed = await of.caller.ok('PUT', path, {
    credit_note: { refund_status: 'succeeded', metadata: { by: 'Ada', ticket: null } },
  });
  expect(at(changed, 'credit_note')).toMatchObject({ refund_status: 'succeeded' });
  expect(at(changed, 'credit_note.metadata')).toEqual({ ticket: null, by: 'Ada' });
  expect(await note()).toEqual(at(changed, 'credit_note'));
  expect(asPlain(await of.caller.send('PUT', path, { credit_note: { refund_status: 'lost' } }))).toEqual(
    validationErrors({ refund_status: ['value_is_invalid'] }),
  );
  const many = Object.fromEntries(Array.from({ length: 49 }, (_, key) => [`key ${key}`, 'x']));
  expect(asPlain(await of.caller.send('PUT', path, { credit_note: { metadata: many } }))).toEqual(
    validationErrors({ metadata: ['too_many_keys'] }),
  );
});

test('where nothing is paid back there is no refund to succeed', async () => {
  const { lago_id: id } = await of.credited({ credit_amount_cents: 120, items: [of.item(1, 100)] });
  const changed = await of.caller.ok('PUT', `/credit_notes/${String(id)}`, {
    credit_note: { refund_status: 'succeeded' },
  });
  expect(at(changed, 'credit_note.refund_status')).toBeNull();
});

test('what is left of a credit is voided once; its total and its refund stay', async () => {
  const voided = await of.caller.ok('PUT', `${path}/void`);
  expect(at(voided, 'credit_note')).toMatchObject({
    credit_status: 'voided',
    balance_amount_cents: 0,
    credit_amount_cents: 6200,
    total_amount_cents: 8200,
    refund_status: 'pending',
  });
  expect(await of.caller.send('PUT', `${path}/void`)).toMatchObject({
    status: 405,
    body: { code: 'no_voidable_amount' },
  });
});

test('two who void it at the same moment void it once', async () => {
  const both = await Promise.all([of.caller.send('PUT', `${path}/void`), of.caller.send('PUT', `${path}/void`)]);
  expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('its metadata is replaced, added to and deleted, whole or by key', async () => {
  const send = async (method: string, body?: object, key = '') =>
    asPlain(await of.caller.send(method, `${path}/metadata${key}`, body));
  const answer = (metadata: unknown) => ({ status: 200, body: { metadata } });
  expect(await send('PATCH', { metadata: { by: 'Ada' } })).toEqual(answer({ ticket: '17', by: 'Ada' }));
  expect(await send('DELETE', undefined, '/ticket')).toEqual(answer({ by: 'Ada' }));
  expect(await send('DELETE', undefined, '/ticket')).toEqual(notFound('metadata'));
  expect(await send('POST', { metadata: { again: null } })).toEqual(answer({ again: null }));
  expect(at(await note(), 'metadata')).toEqual({ again: null });
  expect(await send('DELETE')).toEqual(answer(null));
  expect(await note()).not.toHaveProperty('metadata');
  expect(await send('DELETE')).toEqual(notFound('metadata'));
});

describe('a list', () => {
  const found = async (query: string, list = '/credit_notes') =>
    at(await of.caller.ok('GET', `${list}?${query}`), 'meta.total_count');

  test.each([
    ['external_customer_id=acme', 'external_customer_id=other'],
    ['search_term=CN001', 'search_term=CN009'],
    ['search_term=acm', 'search_term=emca'],
    ['reason=other', 'reason=order_change'],
    ['credit_status=available', 'credit_status=voided'],
    ['refund_status=pending', 'refund_status=succeeded'],
    ['types[]=refund', 'types[]=offset'],
    ['currency=EUR', 'currency=USD'],
    ['amount_from=8200&amount_to=8200', 'amount_from=8201'],
    ['issuing_date_from=2020-01-01', 'issuing_date_to=2020-01-01'],
    ['purchase_order_number=po-7', 'purchase_order_number=po-8'],
    ['self_billed=false', 'self_billed=true'],
    ['billing_entity_codes[]=default', 'invoice_number=none'],
  ])('finds by %s, not by %s', async (yes, no) => {
    expect([await found(yes), await found(no)]).toEqual([1, 0]);
  });

  test('is of one customer, and of one invoice number', async () => {
    expect(await found('', '/customers/acme/credit_notes')).toBe(1);
    expect(await found(`invoice_number=${of.invoiceNumber}`)).toBe(1);
    expect(asPlain(await of.caller.send('GET', '/customers/nobody/credit_notes'))).toEqual(notFound('customer'));
    expect(asPlain(await of.caller.send('GET', '/credit_notes?credit_status=lost'))).toEqual(
      validationErrors({ credit_status: ['value_is_invalid'] }),
    );
    expect(asPlain(await of.caller.send('GET', '/credit_notes?billing_entity_codes[]=none'))).toEqual(
      notFound('billing_entity'),
    );
  });

  test('takes as many statements of three notes as of one', async () => {
    const list = () => of.caller.ok('GET', '/credit_notes');
    await list();
    const ofOne = await app.statementsOf(list);
    await of.credited({ credit_amount_cents: 120, items: [of.item(1, 100)] });
    await of.credited({ credit_amount_cents: 120, items: [of.item(1, 100)] });
    expect(await app.statementsOf(list)).toBe(ofOne);
  });
});
