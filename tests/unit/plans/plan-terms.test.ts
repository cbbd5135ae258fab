import { describe, expect, test } from '@jest/globals';
import { changedPlanTerms, newPlanTerms, type PlanTerms } from '../../../billing/plans/plan-terms.ts';

const TERMS: PlanTerms = {
  name: 'Startup',
  invoiceDisplayName: null,
  code: 'startup',
  description: null,
  interval: 'yearly',
  amountCents: 10_000n,
  amountCurrency: 'EUR',
  trialPeriod: null,
  payInAdvance: false,
  billChargesMonthly: null,
  billFixedChargesMonthly: true,
  metadata: null,
};

// Spec, subscriptions-and-invoices 1.2.
test.each([
  ['yearly', { billChargesMonthly: false, billFixedChargesMonthly: true }],
  ['semiannual', { billChargesMonthly: false, billFixedChargesMonthly: true }],
  ['quarterly', { billChargesMonthly: null, billFixedChargesMonthly: null }],
] as const)('a %s plan has the monthly flags of its interval', (interval, flags) => {
  expect(newPlanTerms({ ...TERMS, interval })).toEqual({ ...TERMS, interval, ...flags });
});

// Spec, subscriptions-and-invoices 1.4.
describe('an update', () => {
  test('changes what it names, and takes the monthly flags from what it says', () => {
    const change = { name: 'Scale', code: 'scale' };
    expect(changedPlanTerms(change, { isLocked: false })).toEqual({
      ...change,
      billChargesMonthly: null,
      billFixedChargesMonthly: null,
    });
  });

  test('of a plan with subscriptions leaves periods, currency and code alone', () => {
    const { name, invoiceDisplayName, description, amountCents, metadata } = TERMS;
    expect(changedPlanTerms(TERMS, { isLocked: true })).toEqual({
      name,
      invoiceDisplayName,
      description,
      amountCents,
      metadata,
    });
  });
});
