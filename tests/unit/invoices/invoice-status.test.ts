import { describe, expect, test } from '@jest/globals';
import { finalStatus, initialPaymentStatus } from '../../../billing/invoices/invoice-status.ts';

describe('transition to final', () => {
  // Spec, subscriptions-and-invoices 6.3: fees, customer, billing entity.
  test.each([
    [100n, 'inherit', true, 'finalized'],
    [100n, 'inherit', false, 'finalized'],
    [100n, 'skip', false, 'finalized'],
    [1n, 'skip', true, 'finalized'],
    [0n, 'inherit', true, 'finalized'],
    [0n, 'inherit', false, 'closed'],
    [0n, 'finalize', false, 'finalized'],
    [0n, 'finalize', true, 'finalized'],
    [0n, 'skip', true, 'closed'],
    [0n, 'skip', false, 'closed'],
  ] as const)('fees of %s, customer %s, entity %p: %s', (fees, customer, entity, status) => {
    const settings = [{ finalizeZeroAmountInvoice: customer }, { finalizeZeroAmountInvoice: entity }] as const;
    expect(finalStatus(fees, ...settings)).toBe(status);
  });
});

describe('payment status', () => {
  test.each([
    [0n, 'succeeded'],
    [1n, 'pending'],
  ] as const)('a total of %s is %s', (total, status) => {
    expect(initialPaymentStatus(total)).toBe(status);
  });
});
