// Charges in advance of metrics that carry over (spec, usage 6.4, 6.6): prorated, and renewed with each period, once.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { listeningApp, type ListeningApp } from '../api/listening-app.ts';
import { inAdvance, instantStory, type InstantStory } from './instant-story.ts';

let app: ListeningApp;
let story: InstantStory;

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  story = await instantStory(app, '2024-06-01T00:00:00Z');
});

afterAll(() => app.close());

const SUM = { aggregation_type: 'sum_agg', field_name: 'n', recurring: true };
const SEATS = { aggregation_type: 'unique_count_agg', field_name: 'seat', recurring: true };

const renewals = async (): Promise<readonly unknown[]> =>
  (await story.fees('&fee_type=charge'))
    .filter((fee) => fee.event_transaction_id == null)
    .map((fee) => [fee.units, fee.amount_cents, fee.from_date, fee.pay_in_advance, fee.lago_invoice_id !== null]);

const amounts = async () => Object.entries(await story.charged()).map(([, [, cents]]) => cents);

describe('units of a recurring metric', () => {
  test.each([
    ['30', [2000, 1900, 1800, 1700, 1600]],
    ['30.12', [2008, 1908, 1807, 1707, 1606]],
  ])('cost %s a month for the rest of it', async (amount, cents) => {
    await story.subscribe([
      inAdvance(await story.metric('calls', SEATS), { prorated: true, invoiceable: false, properties: { amount } }),
    ]);
    for (const day of [11, 12, 13, 14, 15]) {
      await story.clock(`2024-06-${day}T10:00:00Z`);
      await story.send(`e${day}`, { seat: `seat ${day}` });
    }
    expect(await amounts()).toEqual(cents);
  });

  test('are paid in full when the next period begins: as fees without invoice, each group its own, once', async () => {
    await story.subscribe([
      inAdvance(await story.metric('calls', SUM), {
        prorated: true,
        invoiceable: false,
        properties: { amount: '30', pricing_group_keys: ['team'] },
      }),
    ]);
    await story.clock('2024-06-16T00:00:00Z');
    await story.store({ red: { n: 2, team: 'red' }, blue: { n: 3, team: 'blue' } });
    await story.run();
    expect(await story.charged()).toEqual({ red: ['2.0', 3000], blue: ['3.0', 4500] });
    await story.acts.advance('2024-07-01T01:00:00Z');
    await story.run();
    expect(await renewals()).toEqual([
      ['3.0', 9000, '2024-07-01T00:00:00Z', true, false],
      ['2.0', 6000, '2024-07-01T00:00:00Z', true, false],
    ]);
    // What is removed and added again is paid for already.
    await story.clock('2024-07-16T00:00:00Z');
    await story.store({ less: { n: -1, team: 'red' }, same: { n: 1, team: 'red' }, more: { n: 1, team: 'red' } });
    await story.run();
    expect(await story.charged()).toMatchObject({ less: ['0.0', 0], same: ['1.0', 0], more: ['1.0', 1548] });
    await story.acts.advance('2024-08-01T01:00:00Z');
    expect(await renewals()).toHaveLength(4);
  });

  test('are on the invoice of the period where they have invoices; the end of a subscription renews nothing', async () => {
    await story.subscribe([inAdvance(await story.metric('calls', SUM), { properties: { amount: '2' } })]);
    await story.clock('2024-06-10T00:00:00Z');
    await story.send('five', { n: 5 });
    await story.acts.advance('2024-07-01T01:00:00Z');
    expect(await renewals()).toEqual([['5.0', 1000, '2024-07-01T00:00:00Z', false, true]]);
    await story.clock('2024-07-05T00:00:00Z');
    // A late one is paid in its own period, and counts in those that follow.
    await story.send('late', { n: 1 }, { timestamp: Date.parse('2024-06-20T00:00:00Z') / 1000 });
    expect(await story.charged()).toMatchObject({ late: ['1.0', 200] });
    await story.acts.advance('2024-08-01T01:00:00Z');
    expect((await renewals()).map((fee) => (fee as unknown[])[1])).toEqual([1000, 1200]);
    await story.caller.ok('DELETE', '/subscriptions/sub');
    await story.acts.advance('2024-09-02T00:00:00Z');
    expect(await renewals()).toHaveLength(2);
  });

  test('cross tiers with all that is there, whatever the period', async () => {
    const ranges = [
      { from_value: 0, to_value: 3, per_unit_amount: '1', flat_amount: '0' },
      { from_value: 4, to_value: null, per_unit_amount: '10', flat_amount: '0' },
    ];
    await story.subscribe([
      inAdvance(await story.metric('calls', SUM), {
        charge_model: 'graduated',
        invoiceable: false,
        properties: { graduated_ranges: ranges },
      }),
    ]);
    await story.send('june', { n: 3 });
    await story.acts.advance('2024-07-02T00:00:00Z');
    await story.clock('2024-07-02T00:00:00Z');
    await story.send('july', { n: 1 });
    expect(await story.charged()).toMatchObject({ june: ['3.0', 300], july: ['1.0', 1000] });
  });
});
