import { describe, expect, test } from '@jest/globals';
import type { Interval } from '../../../billing/calendar/interval.ts';
import { planChange } from '../../../billing/subscriptions/plan-change.ts';

// Spec, subscriptions-and-invoices 1.8, 3.2.
describe('a plan after another', () => {
  test.each<[Interval, bigint, Interval, bigint, string]>([
    ['monthly', 1000n, 'monthly', 1000n, 'upgrade'],
    ['monthly', 1000n, 'monthly', 999n, 'downgrade'],
    ['monthly', 1000n, 'yearly', 12_000n, 'upgrade'],
    ['monthly', 1000n, 'yearly', 11_999n, 'downgrade'],
    ['weekly', 100n, 'yearly', 5200n, 'upgrade'],
    ['weekly', 100n, 'quarterly', 1299n, 'downgrade'],
    ['semiannual', 600n, 'quarterly', 300n, 'upgrade'],
  ])('%s %s, then %s %s: %s', (interval, amountCents, nextInterval, nextAmountCents, change) => {
    expect(planChange({ interval, amountCents }, { interval: nextInterval, amountCents: nextAmountCents })).toBe(
      change,
    );
  });
});
