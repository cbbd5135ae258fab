// What credit notes have left pays the next invoices of their customer, in the invoice's transaction (spec, money 3.8).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import { drawOnNotes } from '../../../db/queries/credit-notes/draw-on-notes.ts';
import { lockCustomer } from '../../../db/customer-lock.ts';
import { scopedTo } from '../../../db/orm.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { listeningApp, type Caller, type ListeningApp } from '../api/listening-app.ts';

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
  await plan('basic', 800);
});

afterAll(() => app.close());

const plan = (code: string, amount_cents: number, change: object = {}) =>
  caller.ok('POST', '/plans', {
    plan: {
      name: code,
      code,
      interval: 'monthly',
      amount_cents,
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
const oneOff = async (): Promise<string> => {
  await caller.send('POST', '/add_ons', {
    add_on: { name: 'setup', code: 'setup', amount_cents: 100_000, amount_currency: 'EUR' },
  });
  const made = (await caller.ok('POST', '/invoices', {
    invoice: { external_customer_id: 'acme', currency: 'EUR', fees: [{ add_on_code: 'setup', units: 1 }] },
  })) as any;
  return made.invoice.lago_id as string;
};

/** A credit note of an invoice, with a balance and nothing else to it. */
async function openNote(invoiceId: string, cents: number, change: object = {}): Promise<string> {
  const id = v7();
  await app.rows(
    `insert into credit_notes select (jsonb_populate_record(null::credit_notes, jsonb_build_object(
       'id', $2::text, 'organization_id', organization_id, 'customer_id', customer_id, 'invoice_id', id,
       'sequential_id', 1 + (select count(*) from credit_notes where invoice_id = invoices.id), 'number', 'CN',
       'status', 'finalized', 'credit_status', 'available', 'reason', 'other', 'currency', currency,
       'issuing_date', '2024-01-01', 'credit_amount_cents', $3::int, 'refund_amount_cents', 0,
       'offset_amount_cents', 0, 'total_amount_cents', $3::int, 'balance_amount_cents', $3::int,
       'sub_total_excluding_taxes_amount_cents', $3::int, 'coupons_adjustment_amount_cents', 0,
       'precise_coupons_adjustment_amount_cents', 0, 'taxes_amount_cents', 0, 'precise_taxes_amount_cents', 0,
       'taxes_rate', 0, 'created_at', now(), 'updated_at', now()) || $4::jsonb)).*
     from invoices where id = $1`,
    [invoiceId, id, cents, JSON.stringify(change)],
  );
  return id;
}

const noteNow = async (id: string): Promise<unknown> => {
  const [row] = await app.rows<{ balance: string; status: string }>(
    `select balance_amount_cents as balance, credit_status as status from credit_notes where id = $1`,
    [id],
  );
  return `${row!.balance} ${row!.status}`;
};
const invoices = () =>
  app.rows<Record<string, unknown>>(
    `select id, status, payment_status as paid, credit_notes_amount_cents::int as notes, total_amount_cents::int as total,
            (select array_agg(credits.amount_cents::int order by credits.id) from credits
             where invoice_id = invoices.id and credit_note_id is not null and not before_taxes) as credits,
            (select array_agg(trim_scale(precise_credit_notes_amount_cents)::text order by position)
             from fees where invoice_id = invoices.id) as fees
     from invoices where organization_id = $1 and invoice_type = 'subscription' order by created_at, id`,
    [caller.organizationId],
  );

test('a credit pays month after month until it is consumed', async () => {
  await customer();
  await subscribe('s');
  const id = await openNote(await oneOff(), 1000);
  await acts.advance('2024-02-01T00:00:00Z');
  expect(await invoices()).toMatchObject([{ notes: 800, total: 0, paid: 'succeeded', credits: [800], fees: ['800'] }]);
  expect(await noteNow(id)).toBe('200 available');
  await acts.advance('2024-03-01T00:00:00Z');
  expect((await invoices())[1]).toMatchObject({ notes: 200, total: 600, paid: 'pending', credits: [200] });
  expect(await noteNow(id)).toBe('0 consumed');
  await acts.advance('2024-04-01T00:00:00Z');
  expect((await invoices())[2]).toMatchObject({ notes: 0, total: 800, credits: null, fees: ['0'] });
});

test('the oldest first, after coupons and taxes, and each fee its part', async () => {
  await caller.ok('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate: '20', applied_to_organization: true } });
  await customer();
  await subscribe('s');
  await plan('second', 400);
  await subscribe('t', 'second');
  await caller.ok('POST', '/coupons', {
    coupon: { name: 'c', code: 'c', amount_cents: 200, amount_currency: 'EUR' },
  });
  await caller.ok('POST', '/applied_coupons', { applied_coupon: { external_customer_id: 'acme', coupon_code: 'c' } });
  const credited = await oneOff();
  const newer = await openNote(credited, 900, { created_at: '2024-01-02T00:00:00Z' });
  const older = await openNote(credited, 500, { created_at: '2024-01-01T00:00:00Z' });
  await acts.advance('2024-02-01T00:00:00Z');
  // 1200 - 200 and 20 %: 1200. The fees are 666.66667 and 333.33333, with taxes of their own of 133 and 67.
  expect(await invoices()).toMatchObject([
    { notes: 1200, total: 0, credits: [500, 700], fees: ['799.66667', '400.33333'] },
  ]);
  expect([await noteNow(older), await noteNow(newer)]).toEqual(['0 consumed', '200 available']);
});

test('what is not open, in another currency, of somebody else or of this very invoice pays nothing', async () => {
  await customer();
  await subscribe('s', 'basic', { billing_time: 'anniversary' });
  const credited = await oneOff();
  await openNote(credited, 100, { credit_status: 'voided', balance_amount_cents: 0 });
  await openNote(credited, 100, { status: 'draft' });
  await openNote(credited, 100, { currency: 'USD' });
  await caller.ok('POST', '/customers', { customer: { external_id: 'other', currency: 'EUR' } });
  await openNote(credited, 100, {
    customer_id: (
      await app.rows<{ id: string }>(`select id from customers where organization_id = $1 and external_id = 'other'`, [
        caller.organizationId,
      ])
    )[0]!.id,
  });
  await acts.advance('2024-02-01T00:00:00Z');
  expect(await invoices()).toMatchObject([{ notes: 0, total: 800, credits: null }]);
});

describe('a draft', () => {
  test('is paid when it becomes final, not before, and not by a note of its own', async () => {
    await customer({ billing_configuration: { invoice_grace_period: 3 } });
    await subscribe('s');
    const id = await openNote(await oneOff(), 300);
    await acts.advance('2024-02-01T00:00:00Z');
    const [draft] = await invoices();
    expect(draft).toMatchObject({ status: 'draft', notes: 0, total: 800, credits: null });
    await openNote(draft!['id'] as string, 50);
    await caller.ok('PUT', `/invoices/${draft!['id'] as string}/refresh`);
    expect(await invoices()).toMatchObject([{ status: 'draft', notes: 0, credits: null }]);
    expect(await noteNow(id)).toBe('300 available');
    await acts.advance('2024-02-04T12:00:00Z');
    expect(await invoices()).toMatchObject([{ status: 'finalized', notes: 300, total: 500, credits: [300] }]);
    expect(await noteNow(id)).toBe('0 consumed');
  });
});

test('a one-off invoice is not paid by notes', async () => {
  await customer();
  const id = await openNote(await oneOff(), 300);
  const second = (await caller.ok('GET', `/invoices/${await oneOff()}`)) as any;
  expect(second.invoice).toMatchObject({ credit_notes_amount_cents: 0, total_amount_cents: 100_000 });
  expect(await noteNow(id)).toBe('300 available');
});

test('an invoice that waits for its taxes is paid once it has them', async () => {
  await caller.ok('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate: '20', applied_to_organization: true } });
  await customer();
  await subscribe('s');
  const credited = await oneOff();
  await app.rows(`update customers set tax_provider_code = 'ours' where organization_id = $1`, [caller.organizationId]);
  const id = await openNote(credited, 300);
  await acts.advance('2024-02-01T00:00:00Z');
  expect(await invoices()).toMatchObject([{ status: 'pending', notes: 0, total: 800 }]);
  // Our own rules tax it, once the customer has no provider any more.
  await app.rows(`update customers set tax_provider_code = null where organization_id = $1`, [caller.organizationId]);
  await acts.run('2024-02-01T00:00:01Z');
  expect(await invoices()).toMatchObject([
    { status: 'finalized', notes: 300, total: 660, credits: [300], fees: ['300'] },
  ]);
  expect(await noteNow(id)).toBe('0 consumed');
});

describe('under the lock of the customer', () => {
  test('nothing is drawn without it, and nothing that somebody else has taken', async () => {
    await customer();
    const id = await openNote(await oneOff(), 300);
    const [{ customer_id: customerId }] = (await app.rows<{ customer_id: string }>(
      'select customer_id from credit_notes where id = $1',
      [id],
    )) as [{ customer_id: string }];
    const em = scopedTo(app.orm.em, caller.organizationId);
    const draw = (amountCents: bigint, balanceAfterCents: bigint) => (inner: typeof em) =>
      drawOnNotes(
        inner,
        caller.organizationId,
        [{ customerId, uses: [{ creditNoteId: id, amountCents, balanceAfterCents }] }],
        new Date('2024-01-01T00:00:00Z'),
      );
    const locked = (work: (inner: typeof em) => Promise<void>) =>
      em.transactional(async (inner) => {
        await lockCustomer(inner, customerId);
        await work(inner);
      });
    await expect(em.transactional(draw(300n, 0n))).rejects.toThrow('of 1 credit notes 0 could pay');
    await expect(locked(draw(200n, 0n))).rejects.toThrow('of 1 credit notes 0 could pay');
    expect(await noteNow(id)).toBe('300 available');
    await locked(draw(200n, 100n));
    expect(await noteNow(id)).toBe('100 available');
    await app.rows(`update credit_notes set credit_status = 'voided' where id = $1`, [id]);
    await expect(locked(draw(100n, 0n))).rejects.toThrow('of 1 credit notes 0 could pay');
  });

  test('an invoice takes as many statements for many notes as for one, and none more where there are none', async () => {
    await customer();
    await subscribe('s');
    const credited = await oneOff();
    const billTo = (moment: string) => app.statementsOf(() => acts.advance(moment));
    await billTo('2024-02-01T00:00:00Z');
    const none = await billTo('2024-03-01T00:00:00Z');
    await openNote(credited, 1);
    const one = await billTo('2024-04-01T00:00:00Z');
    for (let cents = 1; cents <= 4; cents++) await openNote(credited, cents);
    const many = await billTo('2024-05-01T00:00:00Z');
    expect(many).toBe(one);
    // They are read, and what is left of them is written; their credits are written with the invoice.
    expect(one - none).toBe(2);
    expect((await invoices()).map(({ notes }) => notes)).toEqual([0, 0, 1, 10]);
  });
});
