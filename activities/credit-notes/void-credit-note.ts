import type { EntityManager } from '@mikro-orm/postgresql';
import { notAllowed } from '../../billing/refusal.ts';
import type { CreditNote } from '../../db/entities/credit-notes/credit-note.ts';
import type { CommandScope } from '../command-scope.ts';
import { holdCreditNote } from './hold-credit-note.ts';

/**
 * Takes away what is left of a credit, in the caller's transaction and under the customer's lock. What is paid back
 * stays as it is, and the fees can not be credited again (spec, money 3.4, 3.10).
 *
 * @throws Refusal 404 `credit_note_not_found`; 405 `no_voidable_amount`; 422 `lock_acquisition_failed`.
 */
export async function voidCreditNote(
  em: EntityManager,
  { now }: CommandScope,
  creditNoteId: string,
): Promise<CreditNote> {
  const note = await holdCreditNote(em, creditNoteId);
  if (note.balanceAmountCents <= 0n || note.creditStatus === 'voided') throw notAllowed('no_voidable_amount');
  em.assign(note, { balanceAmountCents: 0n, creditStatus: 'voided', voidedAt: now, updatedAt: now });
  await em.flush();
  return note;
}
