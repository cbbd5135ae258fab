import { describe, expect, test } from '@jest/globals';
import type { InvoiceFacts } from '../../../billing/invoices/invoice-facts.ts';
import { takeSteps, type InvoiceStep } from '../../../billing/invoices/invoice-steps.ts';

// No step here looks at them.
const NO_FACTS = {} as InvoiceFacts;

const coupon =
  (cents: bigint): InvoiceStep =>
  (invoice) => ({
    ...invoice,
    credits: { ...invoice.credits, couponsAmountCents: invoice.credits.couponsAmountCents + cents },
  });

describe('the steps of an invoice', () => {
  test('each sees what the ones before it have made', () => {
    const { credits, awaits } = takeSteps([coupon(1n), coupon(20n)], NO_FACTS);
    expect([credits.couponsAmountCents, awaits]).toEqual([21n, null]);
  });

  test('one that waits for an answer is the last', () => {
    const asks: InvoiceStep = (invoice) => ({ ...invoice, awaits: 'taxes' });
    const { credits, awaits } = takeSteps([coupon(1n), asks, coupon(20n)], NO_FACTS);
    expect([credits.couponsAmountCents, awaits]).toEqual([1n, 'taxes']);
  });
});
