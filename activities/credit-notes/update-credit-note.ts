import type { EntityManager } from '@mikro-orm/postgresql';
import type { RefundStatus } from '../../billing/credit-notes/credit-note.ts';
import { mergedMetadata, type FlatMetadata } from '../../billing/metadata/flat-metadata.ts';
import type { CreditNote } from '../../db/entities/credit-notes/credit-note.ts';
import type { CommandScope } from '../command-scope.ts';
import { holdCreditNote } from './hold-credit-note.ts';

export interface UpdateCreditNote {
  readonly creditNoteId: string;
  /** null: it stays. */
  readonly refundStatus: RefundStatus | null;
  /** What is added to it; null: it stays. */
  readonly metadata: FlatMetadata | null;
}

/**
 * Notes what has become of a refund, and adds metadata, in the caller's transaction (spec, money 3.10). Where nothing
 * is paid back there is no status of it.
 *
 * @throws Refusal 404 `credit_note_not_found`; 422 `metadata: too_many_keys`, `lock_acquisition_failed`.
 */
export async function updateCreditNote(
  em: EntityManager,
  { now }: CommandScope,
  { creditNoteId, refundStatus, metadata }: UpdateCreditNote,
): Promise<CreditNote> {
  const note = await holdCreditNote(em, creditNoteId);
  if (refundStatus !== null && refundStatus !== note.refundStatus && note.refundAmountCents > 0n) {
    em.assign(note, { refundStatus, refundedAt: refundStatus === 'succeeded' ? now : null, updatedAt: now });
  }
  if (metadata !== null) {
    em.assign(note, { metadata: mergedMetadata(note.metadata ?? null, metadata), updatedAt: now });
  }
  await em.flush();
  return note;
}
