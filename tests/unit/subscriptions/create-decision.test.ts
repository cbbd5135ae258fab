import { describe, expect, test } from '@jest/globals';
import {
  createDecision,
  type CreateDecision,
  type CurrentSubscription,
} from '../../../billing/subscriptions/create-decision.ts';
import type { PlanPrice } from '../../../billing/subscriptions/plan-change.ts';

const aMonth = (amountCents: bigint): PlanPrice => ({ amountCents, interval: 'monthly' });
const aYear = (amountCents: bigint): PlanPrice => ({ amountCents, interval: 'yearly' });

const running: CurrentSubscription = { customerId: 'acme', planId: 'basic', status: 'active', plan: aMonth(1000n) };
const pending: CurrentSubscription = { customerId: 'acme', planId: 'basic', status: 'pending' };

describe('what a request to create a subscription does (spec, subscriptions-and-invoices 2.3)', () => {
  test.each<[string, CurrentSubscription, string, PlanPrice, CreateDecision]>([
    ['it has the plan', running, 'basic', aMonth(1000n), 'nothing'],
    ['it has the plan and has not started', pending, 'basic', aMonth(1000n), 'nothing'],
    ['it has not started', pending, 'pro', aMonth(1n), 'replace pending'],
    ['a dearer plan', running, 'pro', aMonth(1001n), 'upgrade'],
    ['a plan of the same price', running, 'pro', aMonth(1000n), 'upgrade'],
    ['a plan of the same price a year', running, 'pro', aYear(12_000n), 'upgrade'],
    ['a cheaper plan', running, 'free', aMonth(999n), 'downgrade'],
    ['a plan that is cheaper a year', running, 'pro', aYear(11_999n), 'downgrade'],
  ])('%s', (_case, current, id, price, decision) => {
    expect(createDecision(current, { customerId: 'acme', plan: { id, ...price } })).toBe(decision);
  });

  test.each([running, pending])('the external id is another customer’s: $status', (current) => {
    const asked = { customerId: 'other', plan: { id: 'basic', ...aMonth(1000n) } };
    expect(() => createDecision(current, asked)).toThrow('value_already_exist');
  });
});
