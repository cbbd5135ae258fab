import { expect, test } from '@jest/globals';
import { byDisplayName } from '../../../billing/subscriptions/display-order.ts';

// Spec, subscriptions-and-invoices 6.4.
test('subscriptions are in the order of their own names, else their plans', () => {
  const named = (id: string, name: string, plan: { name: string; invoiceDisplayName?: string | null }) => ({
    subscription: { id, name },
    plan,
  });
  const sorted = [
    named('3', '', { name: 'Pro' }),
    named('2', '', { name: 'Pro' }),
    named('1', 'Office', { name: 'Pro' }),
    named('4', '', { name: 'Plus', invoiceDisplayName: 'A plan' }),
  ].toSorted(byDisplayName);
  expect(sorted.map(({ subscription }) => subscription.id)).toEqual(['4', '1', '2', '3']);
});
