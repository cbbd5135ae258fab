import { describe, expect, test } from '@jest/globals';
import type { InvoiceFacts } from '../../../billing/invoices/invoice-facts.ts';
import { takeSteps, type InvoiceStep } from '../../../billing/invoices/invoice-steps.ts';

// What decides on which steps are taken; no step here looks at more.
const FINAL = {
  invoiceType: 'subscription',
  isMadeAgain: false,
  finalizedOn: null,
  customer: { invoiceGracePeriod: null },
  billingEntity: { invoiceGracePeriod: 0 },
} as InvoiceFacts;

const DRAFT = { ...FINAL, billingEntity: { ...FINAL.billingEntity, invoiceGracePeriod: 3 } };

const coupon = (cents: bigint, change: Partial<InvoiceStep> = {}): InvoiceStep => ({
  takes: ({ takesCoupons }) => takesCoupons,
  onDrafts: false,
  step: (invoice) => ({
    ...invoice,
    credits: { ...invoice.credits, couponsAmountCents: invoice.credits.couponsAmountCents + cents },
  }),
  ...change,
});

const takenOff = (steps: readonly InvoiceStep[], facts: InvoiceFacts): bigint =>
  takeSteps(steps, facts).credits.couponsAmountCents;

describe('the steps of an invoice', () => {
  test('each sees what the ones before it have made', () => {
    expect(takenOff([coupon(1n), coupon(20n)], FINAL)).toBe(21n);
  });

  test('one that waits for an answer is the last', () => {
    const asks = coupon(0n, { step: (invoice) => ({ ...invoice, awaits: 'taxes' }) });
    const { credits, awaits } = takeSteps([coupon(1n), asks, coupon(20n)], FINAL);
    expect([credits.couponsAmountCents, awaits]).toEqual([1n, 'taxes']);
  });

  test('the policy of its type says which it takes', () => {
    const oneOff: InvoiceFacts = { ...FINAL, invoiceType: 'one_off' };
    expect(takenOff([coupon(1n), coupon(20n, { takes: () => true })], oneOff)).toBe(20n);
  });

  test.each([
    ['a new draft', DRAFT, 20n],
    ['one that is refreshed, without a grace period any more', { ...FINAL, isMadeAgain: true }, 20n],
    ['one that becomes final', { ...DRAFT, isMadeAgain: true, finalizedOn: {} } as InvoiceFacts, 21n],
  ])('%s takes those that are for drafts', (_what, facts, taken) => {
    expect(takenOff([coupon(1n), coupon(20n, { onDrafts: true })], facts)).toBe(taken);
  });
});
