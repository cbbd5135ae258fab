import type { EntityManager } from '@mikro-orm/postgresql';
import type { FlatMetadata } from '../../billing/metadata/flat-metadata.ts';
import type { CommandScope } from '../command-scope.ts';
import { holdCreditNote } from './hold-credit-note.ts';

/**
 * Changes the metadata of a credit note in the caller's transaction.
 *
 * @param change what becomes of what is there.
 * @returns the metadata of now; null: there is none.
 * @throws Refusal 404 `credit_note_not_found`; 422 `lock_acquisition_failed`; as `change`.
 */
export async function changeMetadata(
  em: EntityManager,
  { now }: CommandScope,
  creditNoteId: string,
  change: (present: FlatMetadata | null) => FlatMetadata | null,
): Promise<FlatMetadata | null> {
  const note = await holdCreditNote(em, creditNoteId);
  const metadata = change(note.metadata ?? null);
  em.assign(note, { metadata, updatedAt: now });
  await em.flush();
  return metadata;
}
