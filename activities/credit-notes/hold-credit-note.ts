import type { EntityManager } from '@mikro-orm/postgresql';
import { lockCustomer } from '../../db/customer-lock.ts';
import type { CreditNote } from '../../db/entities/credit-notes/credit-note.ts';
import { findCreditNote } from '../../db/queries/credit-notes/find-credit-note.ts';

/**
 * The credit note of a request as it is once nobody else changes it, until the end of the transaction: no invoice uses
 * it meanwhile.
 *
 * @throws Refusal 404 `credit_note_not_found`; 422 `lock_acquisition_failed`.
 */
export async function holdCreditNote(em: EntityManager, creditNoteId: string): Promise<CreditNote> {
  const { id, customerId } = await findCreditNote(em, creditNoteId);
  await lockCustomer(em, customerId);
  return findCreditNote(em, id);
}
