import { describe, expect, test } from '@jest/globals';
import { InvariantBroken } from '../../../billing/invoices/invariants.ts';
import type { InvoiceStatus } from '../../../billing/invoices/invoice-status.ts';
import { assertTransition } from '../../../billing/invoices/invoice-transitions.ts';

// Spec, subscriptions-and-invoices 6.3.
describe('the status of an invoice', () => {
  test.each<[InvoiceStatus, InvoiceStatus]>([
    ['generating', 'draft'],
    ['generating', 'finalized'],
    ['draft', 'draft'],
    ['draft', 'finalized'],
    ['draft', 'deleted'],
  ])('%s may become %s', (from, to) => {
    expect(() => assertTransition(from, to)).not.toThrow();
  });

  test.each<[InvoiceStatus, InvoiceStatus]>([
    ['finalized', 'draft'],
    ['finalized', 'finalized'],
    ['finalized', 'deleted'],
    ['closed', 'finalized'],
    ['deleted', 'draft'],
    ['voided', 'finalized'],
    ['draft', 'generating'],
  ])('%s never becomes %s', (from, to) => {
    expect(() => assertTransition(from, to)).toThrow(InvariantBroken);
  });
});
