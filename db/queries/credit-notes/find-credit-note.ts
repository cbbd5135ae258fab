import type { EntityManager } from '@mikro-orm/postgresql';
import { validate as isUuid } from 'uuid';
import { notFound } from '../../../billing/refusal.ts';
import { CreditNote } from '../../entities/credit-notes/credit-note.ts';

/**
 * The final credit note with an id, as it is in the database now.
 *
 * @param id as a request names it.
 * @throws Refusal 404 `credit_note_not_found`, also for a draft.
 */
export async function findCreditNote(em: EntityManager, id: string): Promise<CreditNote> {
  const note = isUuid(id) ? await em.findOne(CreditNote, { id, status: 'finalized' }, { refresh: true }) : null;
  if (!note) throw notFound('credit_note');
  return note;
}
