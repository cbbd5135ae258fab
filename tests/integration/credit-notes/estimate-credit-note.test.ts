// What a credit note would be, before it is made (spec, money 3.9; api 2.6).
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
let invoiceId: string;
let feeIds: readonly string[];

beforeAll(async () => {
  app = await listeningApp();
});
afterAll(() => app.close());

/** Two fees of 6833 cents at 20 %: 16399 in all. */
beforeEach(async () => {
  caller = await app.organization();
  const add_on = { name: 'Setup', code: 'setup', amount_cents: 6833, amount_currency: 'EUR' };
  const tax = { name: 'VAT', code: 'vat', rate: '20', description: 'Standard' };
  await caller.ok('POST', '/taxes', { tax });
  await caller.ok('POST', '/add_ons', { add_on });
  await caller.ok('POST', '/customers', { customer: { external_id: 'acme', currency: 'EUR', tax_codes: ['vat'] } });
  const fees = [{ add_on_code: 'setup' }, { add_on_code: 'setup' }];
  const made = await caller.ok('POST', '/invoices', { invoice: { external_customer_id: 'acme', fees } });
  invoiceId = textAt(made, 'invoice.lago_id');
  feeIds = [textAt(made, 'invoice.fees.0.lago_id'), textAt(made, 'invoice.fees.1.lago_id')];
});

const estimate = (items: unknown, by = caller, invoice_id: unknown = invoiceId) =>
  by.send('POST', '/credit_notes/estimate', { credit_note: { invoice_id, items } });

const itemOf = (fee: number, amount_cents: unknown) => ({ fee_id: feeIds[fee], amount_cents });

describe('an estimate', () => {
  test('says all of what the note would be', async () => {
    const number = textAt(await caller.ok('GET', `/invoices/${invoiceId}`), 'invoice.number');
    const { body } = await estimate([itemOf(0, 6833)]);
    expect(body).toEqual({
      estimated_credit_note: {
        lago_invoice_id: invoiceId,
        invoice_number: number,
        currency: 'EUR',
        max_creditable_amount_cents: 8200,
        max_refundable_amount_cents: 0,
        max_offsettable_amount_cents: 8200,
        taxes_amount_cents: 1367,
        precise_taxes_amount_cents: '1366.6',
        taxes_rate: 20,
        sub_total_excluding_taxes_amount_cents: 6833,
        coupons_adjustment_amount_cents: 0,
        precise_coupons_adjustment_amount_cents: '0.0',
        items: [{ lago_fee_id: feeIds[0], amount_cents: 6833 }],
        applied_taxes: [
          {
            lago_tax_id: expect.any(String),
            tax_name: 'VAT',
            tax_code: 'vat',
            tax_rate: 20,
            tax_description: 'Standard',
            base_amount_cents: 6833,
            amount_cents: 1367,
            amount_currency: 'EUR',
          },
        ],
      },
    });
  });

  test('of all fees is the invoice', async () => {
    const { body } = await estimate([itemOf(0, 6833), itemOf(1, 6833)]);
    expect(at(body, 'estimated_credit_note.max_creditable_amount_cents')).toBe(16_399);
  });

  test('of nothing is nothing', async () => {
    expect(at((await estimate([itemOf(0, 0)])).body, 'estimated_credit_note.max_creditable_amount_cents')).toBe(0);
    expect((await estimate([])).status).toBe(200);
  });

  test.each([
    ['no list', 'all', { items: ['must_be_an_array'] }],
    ['no items', undefined, { items: ['must_be_an_array'] }],
    [
      'an amount that is none',
      [{ fee_id: 'fee', amount_cents: 'all' }],
      { 'items.0.amount_cents': ['value_is_invalid'] },
    ],
    ['a fee without an amount', [{ fee_id: 'fee' }], { 'items.0.amount_cents': ['value_is_mandatory'] }],
  ])('of %s is refused', async (_, items, details) => {
    expect(asPlain(await estimate(items))).toEqual(validationErrors(details));
  });

  test('of less than nothing, or of more than a fee, is refused', async () => {
    const below = validationErrors({ amount_cents: ['invalid_value'] });
    expect(asPlain(await estimate([itemOf(0, -3)]))).toEqual(below);
    const above = validationErrors({ amount_cents: ['higher_than_remaining_fee_amount'] });
    expect(asPlain(await estimate([itemOf(0, 6834)]))).toEqual(above);
    expect(asPlain(await estimate([itemOf(0, 6833), itemOf(0, 1)]))).toEqual(above);
  });

  test("of what is not there, or another organization's, is not found", async () => {
    expect(asPlain(await estimate([{ fee_id: invoiceId, amount_cents: 1 }]))).toEqual(notFound('fee'));
    expect(asPlain(await estimate([], caller, 'none'))).toEqual(notFound('invoice'));
    expect(asPlain(await estimate([], caller, null))).toEqual(notFound('invoice'));
    const stranger = await app.organization();
    expect(asPlain(await estimate([itemOf(0, 1)], stranger))).toEqual(notFound('invoice'));
  });
});
