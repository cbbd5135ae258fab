import { expect, test } from '@jest/globals';
import { NO_CHAIN, chainFrom } from '../../../billing/subscriptions/subscription-chain.ts';

// Spec, subscriptions-and-invoices 5.2.
test.each([
  ['an earlier subscription', '2024-03-01', '2024-03-01'],
  ['its own start, where that comes first', '2024-06-01', '2024-05-10'],
])('the trial of a subscription that starts counts from %s', (_, other, expected) => {
  const chain = { ...NO_CHAIN, initialStart: new Date(other) };
  expect(chainFrom(chain, new Date('2024-05-10')).initialStart).toEqual(new Date(expected));
});

test('nothing is made up where there is no earlier one, or no trial', () => {
  expect(chainFrom(NO_CHAIN, new Date('2024-05-10'))).toEqual(NO_CHAIN);
});
