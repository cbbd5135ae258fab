// Paid fees without invoice are gathered on an invoice when their subscription is renewed or ends (spec, usage 6.7).
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { listeningApp, type ListeningApp } from '../api/listening-app.ts';
import { inAdvance, instantStory, type InstantStory } from './instant-story.ts';

let app: ListeningApp;
let story: InstantStory;

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  story = await instantStory(app, '2024-06-01T00:00:00Z');
  const tax = { name: 'VAT', code: 'vat', rate: '20', applied_to_organization: true };
  await story.caller.ok('POST', '/taxes', { tax });
});

afterAll(() => app.close());

const gathered = () => story.invoices('&invoice_type=advance_charges');

const pay = async (transactionId: string): Promise<void> => {
  const [fee] = await story.fees(`&event_transaction_id=${transactionId}`);
  await story.caller.ok('PUT', `/fees/${fee.lago_id}`, { fee: { payment_status: 'succeeded' } });
};

const subscribe = async (change: object = { regroup_paid_fees: 'invoice' }): Promise<void> => {
  await story.subscribe([
    inAdvance(await story.metric('calls'), { invoiceable: false, properties: { amount: '0.33' }, ...change }),
  ]);
  await story.clock('2024-06-11T10:00:00Z');
  await story.store({ one: { n: 1 }, two: { n: 2 }, three: { n: 4 } });
  await story.run();
};

test('at a renewal those that are paid, their taxes summed; the others wait, and of none there is no invoice (S016)', async () => {
  await story.caller.ok('POST', '/webhook_endpoints', {
    webhook_endpoint: { webhook_url: 'https://hooks.test', event_types: ['invoice.created'] },
  });
  await subscribe();
  await pay('one');
  await pay('three');
  await story.acts.advance('2024-07-01T01:00:00Z');
  const [invoice, ...others] = await gathered();
  expect(others).toEqual([]);
  // 33 and 132 cents: 7 and 26 of taxes.
  expect(invoice).toMatchObject({
    status: 'finalized',
    payment_status: 'succeeded',
    fees_amount_cents: 165,
    taxes_amount_cents: 33,
    total_amount_cents: 198,
    total_due_amount_cents: 0,
    issuing_date: '2024-07-01',
    applied_taxes: [expect.objectContaining({ tax_code: 'vat', fees_amount_cents: 165, amount_cents: 33 })],
  });
  const { invoice: detailed } = (await story.caller.ok('GET', `/invoices/${invoice.lago_id}`)) as any;
  expect(detailed.billing_periods).toEqual([
    expect.objectContaining({
      invoicing_reason: 'in_advance_charge_periodic',
      charges_from_datetime: '2024-06-01T00:00:00Z',
      charges_to_datetime: '2024-06-30T23:59:59Z',
    }),
  ]);
  expect(detailed.fees.map((fee: any) => fee.event_transaction_id).toSorted()).toEqual(['one', 'three']);
  expect((await story.fees('&event_transaction_id=two'))[0].lago_invoice_id).toBeNull();
  const [fee] = await story.fees('&event_transaction_id=one');
  expect(await story.caller.send('PUT', `/fees/${fee.lago_id}`, { fee: { payment_status: 'failed' } })).toMatchObject({
    status: 405,
  });
  await story.acts.advance('2024-08-01T01:00:00Z');
  expect(await gathered()).toHaveLength(1);
});

test('those of the new period wait for the next renewal', async () => {
  await subscribe();
  await story.clock('2024-07-01T00:01:00Z');
  await story.store({ july: { n: 10 } });
  // The period is still to be billed: only the event is charged.
  await story.acts.advance('2024-07-01T00:01:00Z');
  await pay('july');
  await story.acts.advance('2024-07-02T00:00:00Z');
  expect(await gathered()).toEqual([]);
  await story.acts.advance('2024-08-01T01:00:00Z');
  expect((await gathered()).map((invoice) => invoice.fees_amount_cents)).toEqual([330]);
});

test('at the end of a subscription also those of the running period', async () => {
  await subscribe();
  await pay('two');
  await story.clock('2024-06-20T00:00:00Z');
  await story.caller.ok('DELETE', '/subscriptions/sub');
  await story.run();
  expect((await gathered()).map((invoice) => invoice.fees_amount_cents)).toEqual([66]);
});

test('nothing where no charge wants it', async () => {
  await subscribe({});
  await pay('one');
  await story.acts.advance('2024-07-02T00:00:00Z');
  expect(await gathered()).toEqual([]);
});
