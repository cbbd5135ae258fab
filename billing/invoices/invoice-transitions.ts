import { InvariantBroken } from './invariants.ts';
import type { InvoiceStatus } from './invoice-status.ts';

/**
 * Which status follows which, and who sees to it (spec, subscriptions-and-invoices 6.3). What is not listed does not happen: a
 * finalized invoice is never calculated again, a closed or deleted one never comes back.
 */
export const INVOICE_TRANSITIONS: readonly {
  readonly from: InvoiceStatus;
  readonly to: InvoiceStatus;
  readonly by: 'billing' | 'refresh' | 'finalization' | 'deletion of a draft';
}[] = [
  { from: 'generating', to: 'draft', by: 'billing' },
  { from: 'generating', to: 'finalized', by: 'billing' },
  { from: 'generating', to: 'closed', by: 'billing' },
  { from: 'draft', to: 'draft', by: 'refresh' },
  { from: 'draft', to: 'finalized', by: 'finalization' },
  { from: 'draft', to: 'closed', by: 'finalization' },
  { from: 'draft', to: 'deleted', by: 'deletion of a draft' },
];

/** @throws InvariantBroken for a change of status that the table does not have. */
export function assertTransition(from: InvoiceStatus, to: InvoiceStatus): void {
  if (INVOICE_TRANSITIONS.some((transition) => transition.from === from && transition.to === to)) return;
  throw new InvariantBroken('an invoice goes from status to status as the rules say', { from, to });
}
