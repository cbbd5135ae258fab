// The credit note of a draft is a draft: it follows what becomes of the draft, and is final with it (spec, money 3.1,
// 3.11; subscriptions-and-invoices 5.5, 6.6).
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { asPlain, at, listeningApp, notFound, textAt, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;
let draftId: string;
let noteId: string;

beforeAll(async () => {
  app = await listeningApp();
});
afterAll(() => app.close());

/** January's draft of 3100 at 20 %, of which 1600 are credited: 1920. */
beforeEach(async () => {
  caller = await app.organization({ default_currency: 'EUR' });
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2024-01-01T00:00:00Z');
  await caller.ok('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate: '20', applied_to_organization: true } });
  await caller.ok('POST', '/plans', {
    plan: { name: 'P', code: 'p', interval: 'monthly', amount_cents: 3100, amount_currency: 'EUR' },
  });
  await caller.ok('POST', '/customers', {
    customer: { external_id: 'acme', currency: 'EUR', billing_configuration: { invoice_grace_period: 5 } },
  });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'acme', external_id: 's', plan_code: 'p' },
  });
  await acts.advance('2024-02-01T12:00:00Z');
  draftId = textAt(await caller.ok('GET', '/invoices?status=draft'), 'invoices.0.lago_id');
  const draft = await caller.ok('GET', `/invoices/${draftId}`);
  const made = await caller.ok('POST', '/credit_notes', {
    credit_note: {
      invoice_id: draftId,
      credit_amount_cents: 1920,
      items: [{ fee_id: at(draft, 'invoice.fees.0.lago_id'), amount_cents: 1600 }],
    },
  });
  noteId = textAt(made, 'credit_note.lago_id');
});

const note = async () => at(await caller.ok('GET', `/credit_notes/${noteId}`), 'credit_note');

test('nobody sees it before the draft is final; then it has a number, and the endpoints hear of it', async () => {
  await caller.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: 'https://acme.test/hook' } });
  expect(asPlain(await caller.send('GET', `/credit_notes/${noteId}`))).toEqual(notFound('credit_note'));
  expect(asPlain(await caller.send('PUT', `/credit_notes/${noteId}/void`))).toEqual(notFound('credit_note'));
  expect(at(await caller.ok('GET', '/credit_notes'), 'credit_notes')).toEqual([]);
  await acts.advance('2024-02-10T00:00:00Z');
  const invoice = at(await caller.ok('GET', `/invoices/${draftId}`), 'invoice');
  expect(invoice).toMatchObject({ status: 'finalized', credit_notes_amount_cents: 0, total_amount_cents: 3720 });
  expect(await note()).toMatchObject({
    number: `${textAt(invoice, 'number')}-CN001`,
    invoice_number: at(invoice, 'number'),
    total_amount_cents: 1920,
    balance_amount_cents: 1920,
    credit_status: 'available',
    items: [{ amount_cents: 1600, precise_amount_cents: '1600.0', fee: { lago_id: at(invoice, 'fees.0.lago_id') } }],
  });
  const told = await app.rows(
    `select 1 from webhooks where organization_id = $1 and webhook_type = 'credit_note.created'`,
    [caller.organizationId],
  );
  expect(told).toHaveLength(1);
});

test('it is as much of a fee that is made anew as it was of the old one', async () => {
  await caller.ok('PUT', '/plans/p', { plan: { amount_cents: 1550 } });
  await acts.advance('2024-02-10T00:00:00Z');
  expect(at(await caller.ok('GET', `/invoices/${draftId}`), 'invoice.fees_amount_cents')).toBe(1550);
  expect(await note()).toMatchObject({
    sub_total_excluding_taxes_amount_cents: 800,
    taxes_amount_cents: 160,
    credit_amount_cents: 960,
    balance_amount_cents: 960,
    items: [{ amount_cents: 800 }],
    applied_taxes: [{ base_amount_cents: 800, amount_cents: 160 }],
  });
});

test('nothing is left of it where nothing is left of the fee', async () => {
  await caller.ok('PUT', '/plans/p', { plan: { amount_cents: 0 } });
  await acts.advance('2024-02-10T00:00:00Z');
  expect(await app.rows('select 1 from credit_notes where id = $1', [noteId])).toEqual([]);
});

test('it is deleted with the draft', async () => {
  await caller.ok('DELETE', `/invoices/${draftId}`);
  for (const [table, column] of [
    ['credit_notes', 'id'],
    ['credit_note_items', 'credit_note_id'],
    ['credit_note_applied_taxes', 'credit_note_id'],
  ]) {
    expect(await app.rows(`select 1 from ${table} where ${column} = $1`, [noteId])).toEqual([]);
  }
});
