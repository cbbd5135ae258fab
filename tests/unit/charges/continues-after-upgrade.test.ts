import { expect, test } from '@jest/globals';
import { continuesAfterUpgrade } from '../../../billing/charges/continues-after-upgrade.ts';

const SEATS = { billableMetricId: 'seats', prorated: false, recurring: true };
const UPGRADE = { next: 'upgrade', nextMetricIds: ['calls', 'seats'] } as const;

// Spec, subscriptions-and-invoices 4.4.
test.each([
  ['seats that both plans charge', SEATS, UPGRADE, true],
  ['what the next plan does not charge', SEATS, { ...UPGRADE, nextMetricIds: ['calls'] }, false],
  ['prorated seats: each plan bills its days', { ...SEATS, prorated: true }, UPGRADE, false],
  ['what begins at zero in each period', { ...SEATS, recurring: false }, UPGRADE, false],
  ['a downgrade, which comes after a whole period', SEATS, { ...UPGRADE, next: 'downgrade' as const }, false],
  ['an end', SEATS, { next: null, nextMetricIds: [] }, false],
])('the next subscription bills on: %s', (_, charge, chain, expected) => {
  expect(continuesAfterUpgrade(charge, chain)).toBe(expected);
});
