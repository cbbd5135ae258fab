import type { CreditStatus } from './credit-note.ts';

/** How far a credit note is used, in cents. */
export interface NoteState {
  readonly balanceCents: bigint;
  readonly creditStatus: CreditStatus | null;
}

/**
 * What becomes of a note when an invoice that it paid is given up unpaid: one that waits for its first payment and is
 * closed. An invoice that is voided gives nothing back (spec, money 3.8).
 *
 * Consumed, 1200 of it paid the invoice: available with 1200.
 *
 * @returns null: the note was voided meanwhile, and nothing can be given back.
 */
export const giveBackNote = ({ balanceCents, creditStatus }: NoteState, usedCents: bigint): NoteState | null =>
  creditStatus === 'voided' ? null : { balanceCents: balanceCents + usedCents, creditStatus: 'available' };
