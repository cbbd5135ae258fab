import type { EntityManager } from '@mikro-orm/postgresql';
import { notesFor, type OpenNote } from '../../../billing/credit-notes/use-notes.ts';
import { takesCreditNotes, type PlannedInvoice } from '../../../billing/invoices/planned-invoice.ts';
import { openNotes } from '../../../db/queries/credit-notes/open-notes.ts';

/**
 * The credit notes that can pay planned invoices, in the order of the invoices: one statement for all of them, and none
 * where no customer has any. Plan one invoice of a customer at a time: the next one finds what this one has left.
 *
 * @param credited customers who have open credit notes.
 */
export async function loadNoteFacts(
  em: EntityManager,
  organizationId: string,
  planned: readonly PlannedInvoice[],
  credited: ReadonlySet<string>,
): Promise<readonly (readonly OpenNote[])[]> {
  const owners = planned.map((invoice) => {
    const { customerId } = invoice.taxed;
    return customerId !== null && credited.has(customerId) && takesCreditNotes(invoice) ? customerId : null;
  });
  const customerIds = [...new Set(owners.filter((id) => id !== null))];
  if (customerIds.length === 0) return planned.map(() => []);
  const notes = await openNotes(em, organizationId, customerIds);
  return planned.map((invoice, index) => notesFor(notes.get(owners[index] ?? '') ?? [], invoice));
}
