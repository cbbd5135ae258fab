import { describe, expect, test } from '@jest/globals';
import { InvariantBroken } from '../../../billing/invoices/invariants.ts';
import type { InvoiceStatus } from '../../../billing/invoices/invoice-status.ts';
import { assertTransition, type InvoiceActor } from '../../../billing/invoices/invoice-transitions.ts';

// Spec, subscriptions-and-invoices 6.3.
describe('the status of an invoice', () => {
  test.each<[InvoiceStatus, InvoiceStatus, InvoiceActor]>([
    ['generating', 'draft', 'billing'],
    ['generating', 'finalized', 'billing'],
    ['draft', 'draft', 'refresh'],
    ['draft', 'finalized', 'finalization'],
    ['draft', 'deleted', 'deletion of a draft'],
  ])('%s may become %s by %s', (from, to, by) => {
    expect(() => assertTransition(from, to, by)).not.toThrow();
  });

  test.each<[InvoiceStatus, InvoiceStatus, InvoiceActor]>([
    ['finalized', 'draft', 'refresh'],
    ['finalized', 'finalized', 'finalization'],
    ['finalized', 'deleted', 'deletion of a draft'],
    ['closed', 'finalized', 'finalization'],
    ['deleted', 'draft', 'refresh'],
    ['voided', 'finalized', 'finalization'],
    ['draft', 'generating', 'billing'],
    // By somebody else than who has to see to it.
    ['draft', 'finalized', 'refresh'],
    ['draft', 'draft', 'billing'],
    ['generating', 'finalized', 'finalization'],
  ])('%s never becomes %s by %s', (from, to, by) => {
    expect(() => assertTransition(from, to, by)).toThrow(InvariantBroken);
  });
});
