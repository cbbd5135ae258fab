// What the tests of charges in advance do over and over: a customer with one subscription, and events of it.
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { textAt, type Caller, type ListeningApp } from '../api/listening-app.ts';

const EXTERNAL_ID = 'sub';

export interface InstantStory {
  readonly caller: Caller;
  readonly acts: ActsByHand;
  /** Moves the clock and does what is due. */
  readonly clock: (to: string) => Promise<void>;
  /** Does what is open, at the clock's moment. */
  readonly run: () => Promise<void>;
  /** @returns the metric's id. */
  readonly metric: (code: string, change?: object) => Promise<string>;
  readonly plan: (charges: readonly object[], change?: object) => Promise<void>;
  readonly subscribe: (charges: readonly object[], change?: object) => Promise<void>;
  /** Events of `calls`, each with its properties; they are not priced yet. */
  readonly store: (events: Readonly<Record<string, object>>, change?: object) => Promise<void>;
  /** One event, and its price. */
  readonly send: (transactionId: string, properties: object, change?: object) => Promise<void>;
  readonly fees: (query?: string) => Promise<any[]>;
  readonly invoices: (query?: string) => Promise<any[]>;
  /** Of fees, by the transaction ids of their events: units and cents. */
  readonly charged: () => Promise<Readonly<Record<string, readonly [units: string, cents: number]>>>;
}

export async function instantStory(app: ListeningApp, now = '2024-03-01T00:00:00Z'): Promise<InstantStory> {
  const caller = await app.organization({ default_currency: 'EUR' });
  const acts = actsByHand(app.orm, caller.organizationId);
  let clockNow = now;
  const run = () => acts.run(clockNow);
  await run();
  await caller.ok('POST', '/customers', { customer: { external_id: 'acme', name: 'Acme', currency: 'EUR' } });
  const plan: InstantStory['plan'] = async (charges, change = {}) => {
    const terms = { name: 'Gold', code: 'gold', interval: 'monthly', amount_cents: 0, amount_currency: 'EUR' };
    await caller.ok('POST', '/plans', { plan: { ...terms, pay_in_advance: false, charges, ...change } });
  };
  const store: InstantStory['store'] = async (events, change = {}) => {
    await caller.ok('POST', '/events/batch', {
      events: Object.entries(events).map(([transaction_id, properties]) => ({
        transaction_id,
        external_subscription_id: EXTERNAL_ID,
        code: 'calls',
        properties,
        ...change,
      })),
    });
  };
  const fees: InstantStory['fees'] = async (query = '') =>
    ((await caller.ok('GET', `/fees?per_page=1000${query}`)) as { fees: any[] }).fees;
  return {
    caller,
    acts,
    run,
    clock: async (to) => {
      clockNow = to;
      await run();
    },
    metric: async (code, change = { aggregation_type: 'sum_agg', field_name: 'n' }) =>
      textAt(
        await caller.ok('POST', '/billable_metrics', { billable_metric: { name: code, code, ...change } }),
        'billable_metric.lago_id',
      ),
    plan,
    subscribe: async (charges, change = {}) => {
      await plan(charges);
      const subscription = { external_customer_id: 'acme', external_id: EXTERNAL_ID, plan_code: 'gold', ...change };
      await caller.ok('POST', '/subscriptions', { subscription });
      await run();
    },
    store,
    send: async (transactionId, properties, change = {}) => {
      await store({ [transactionId]: properties }, change);
      await run();
    },
    fees,
    invoices: async (query = '') =>
      ((await caller.ok('GET', `/invoices?per_page=1000${query}`)) as { invoices: any[] }).invoices,
    charged: async () =>
      Object.fromEntries(
        (await fees())
          .filter((fee) => fee.event_transaction_id != null)
          .map((fee) => [fee.event_transaction_id, [fee.units, fee.amount_cents]]),
      ),
  };
}

/** A standard charge in advance. */
export const inAdvance = (billable_metric_id: string, change: object = {}): object => ({
  billable_metric_id,
  charge_model: 'standard',
  properties: { amount: '1' },
  pay_in_advance: true,
  ...change,
});
