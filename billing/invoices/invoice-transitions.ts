import { InvariantBroken } from './invariants.ts';
import type { InvoiceStatus } from './invoice-status.ts';

/** Who changes the status of an invoice. */
export type InvoiceActor =
  | 'billing'
  | 'refresh'
  | 'finalization'
  | 'deletion of a draft'
  /** Of an invoice that waited for its taxes. */
  | 'taxation'
  /** Of an invoice whose taxes a provider did not give, by a person; by itself where the provider had no room. */
  | 'retry';

/**
 * Which status follows which, and who sees to it (spec, subscriptions-and-invoices 6.3). What is not listed does not
 * happen: a finalized invoice is never calculated again, a closed or deleted one never comes back.
 */
export const INVOICE_TRANSITIONS: readonly {
  readonly from: InvoiceStatus;
  readonly to: InvoiceStatus;
  readonly by: InvoiceActor;
}[] = [
  { from: 'generating', to: 'draft', by: 'billing' },
  { from: 'generating', to: 'finalized', by: 'billing' },
  { from: 'generating', to: 'closed', by: 'billing' },
  { from: 'generating', to: 'pending', by: 'billing' },
  { from: 'draft', to: 'draft', by: 'refresh' },
  { from: 'draft', to: 'finalized', by: 'finalization' },
  { from: 'draft', to: 'closed', by: 'finalization' },
  { from: 'draft', to: 'pending', by: 'finalization' },
  { from: 'draft', to: 'deleted', by: 'deletion of a draft' },
  { from: 'draft', to: 'draft', by: 'taxation' },
  { from: 'pending', to: 'finalized', by: 'taxation' },
  { from: 'pending', to: 'failed', by: 'taxation' },
  { from: 'failed', to: 'pending', by: 'retry' },
];

/**
 * Checks a change of status before it is written. A refresh of a draft may leave it a draft; it never makes it final.
 *
 * @throws InvariantBroken for a change that the table does not have, or that another has to see to.
 */
export function assertTransition(from: InvoiceStatus, to: InvoiceStatus, by: InvoiceActor): void {
  const isAllowed = INVOICE_TRANSITIONS.some(
    (transition) => transition.from === from && transition.to === to && transition.by === by,
  );
  if (isAllowed) return;
  throw new InvariantBroken('an invoice goes from status to status as the rules say', { from, to, by });
}
