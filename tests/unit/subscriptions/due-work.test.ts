import { describe, expect, test } from '@jest/globals';
import { dueWork, type OpenPeriod } from '../../../billing/subscriptions/due-work.ts';
import { NO_CHAIN } from '../../../billing/subscriptions/subscription-chain.ts';
import type { PlanFacts, SubscriptionFacts } from '../../../billing/subscriptions/subscription-facts.ts';

const at = (text: string): Date => new Date(text);

const PLAN: PlanFacts = {
  id: 'plan',
  name: 'Pro',
  interval: 'monthly',
  amountCents: 3100n,
  amountCurrency: 'EUR',
  payInAdvance: false,
};

const SUBSCRIPTION: SubscriptionFacts = {
  id: 's1',
  customerId: 'ann',
  externalId: 's1',
  name: '',
  status: 'active',
  billingTime: 'calendar',
  subscriptionAt: at('2024-01-15T10:00:00Z'),
  startedAt: at('2024-01-15T10:00:00Z'),
  terminationAlertDates: [],
  consolidateInvoice: true,
  paymentMethodType: 'provider',
  createdAt: at('2024-01-15T10:00:00Z'),
};

const period = (subscription: Partial<SubscriptionFacts> = {}, change: Partial<OpenPeriod> = {}): OpenPeriod => ({
  periodKey: '2024-02-01',
  billingDay: '2024-02-01',
  timeZone: 'UTC',
  subscription: { ...SUBSCRIPTION, ...subscription },
  plan: PLAN,
  chain: NO_CHAIN,
  deletedAt: null,
  ...change,
});

const context = { timeZone: 'UTC', billingEntityId: 'entity', alertDays: [] };

// Spec, subscriptions-and-invoices 4.2, 4.5. None of these subscriptions is stored anywhere.
describe('what is due of a customer', () => {
  test('periods that close on one day share an invoice, once the day has come', () => {
    const both = [period(), period({ id: 's2' })];
    const before = dueWork(both, { ...context, now: at('2024-01-31T23:59:59.999Z') });
    expect([before.groups, before.waiting.map(({ subscription }) => subscription.id)]).toEqual([[], ['s1', 's2']]);
    const after = dueWork(both, { ...context, now: at('2024-02-01T00:00:00Z') });
    expect(after.groups.map(({ billingDay, group }) => [billingDay, group.subscriptionIds])).toEqual([
      ['2024-02-01', ['s1', 's2']],
    ]);
    expect(after.waiting).toEqual([]);
  });

  test('a subscription that wants an invoice of its own has one, and so has another currency', () => {
    const apart = [
      period(),
      period({ id: 's2', consolidateInvoice: false }),
      period({ id: 's3' }, { plan: { ...PLAN, amountCurrency: 'USD' } }),
    ];
    const { groups } = dueWork(apart, { ...context, now: at('2024-02-01T00:00:00Z') });
    expect(groups.flatMap(({ group }) => group.subscriptionIds)).toHaveLength(3);
    expect(groups).toHaveLength(3);
  });

  test('a period that has stayed behind is billed in the zone in which it was due', () => {
    const behind = period({ lastBillingDay: '2024-02-01' }, { timeZone: 'Asia/Tokyo' });
    const { groups } = dueWork([behind], { ...context, now: at('2024-02-02T00:00:00Z') });
    expect(groups.map(({ billingDay, timeZone }) => [billingDay, timeZone])).toEqual([['2024-02-01', 'Asia/Tokyo']]);
  });

  test('a period that was planned in another zone has moved', () => {
    const planned = period({}, { billingDay: '2024-01-31', periodKey: '2024-01-31', timeZone: 'America/New_York' });
    const { groups } = dueWork([planned], { ...context, now: at('2024-02-01T00:00:00Z') });
    expect(groups[0]?.periods).toMatchObject([{ billingDay: '2024-02-01', timeZone: 'UTC', isMoved: true }]);
  });

  test('nothing is due after the day of a deletion', () => {
    const deleted = period({}, { deletedAt: at('2024-01-31T12:00:00Z') });
    const work = dueWork([deleted], { ...context, now: at('2024-02-01T00:00:00Z') });
    expect(work).toEqual({ groups: [], duties: [], waiting: [] });
  });

  // Spec, subscriptions-and-invoices 2.6.
  test('a period after which the next subscription begins is never billed as any other', () => {
    const downgraded = period({}, { chain: { ...NO_CHAIN, next: 'downgrade', hasPendingNext: true } });
    expect(dueWork([downgraded], { ...context, now: at('2024-01-31T23:59:59.999Z') }).waiting).toHaveLength(1);
    expect(() => dueWork([downgraded], { ...context, now: at('2024-02-01T00:00:00Z') })).toThrow('no run bills it');
  });

  test('an ending comes before the period, and is no invoice of the run', () => {
    const ending = period({ endingAt: at('2024-01-20T00:00:00Z') });
    const { groups, duties } = dueWork([ending], { ...context, now: at('2024-02-01T00:00:00Z') });
    expect(groups).toEqual([]);
    expect(duties.map(({ day, duty }) => [day, duty.kind])).toEqual([['2024-01-20', 'ending']]);
  });
});
