import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { localDate } from '../../billing/calendar/local-date.ts';
import type { CreditNoteReason } from '../../billing/credit-notes/credit-note.ts';
import type { DrawnNote } from '../../billing/credit-notes/draw-note.ts';
import { assertNote } from '../../billing/credit-notes/note-invariants.ts';
import { noteNumber } from '../../billing/credit-notes/note-number.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import { writeNotes } from '../../db/queries/credit-notes/write-notes.ts';
import type { CommandScope } from '../command-scope.ts';
import type { StoredCreditedInvoice } from './load-credited-invoice.ts';
import { concludeNote } from './conclude-note.ts';
import { noteColumns, noteLines } from './note-rows.ts';

/** A credit note that is ready to be saved. */
export interface CreditNoteToSave {
  readonly invoice: Invoice;
  /** The same invoice as the note was drawn from it. */
  readonly credited: StoredCreditedInvoice;
  readonly drawn: DrawnNote;
  /** The customer's, of now. */
  readonly timeZone: string;
  readonly reason: CreditNoteReason;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string | null>> | null;
  /** The subscription whose end makes it; null: it is asked for. */
  readonly terminatedSubscriptionId: string | null;
}

/**
 * Saves a credit note, in the caller's transaction and under the customer's lock, and brings about what follows from it
 * (spec, money 3.3). The note of a draft is a draft: nothing follows before the invoice is final.
 *
 * @returns the id of the note.
 * @throws InvariantBroken when the note does not add up: nothing is saved.
 */
export async function saveCreditNote(
  em: EntityManager,
  { organizationId, now }: Pick<CommandScope, 'now' | 'organizationId'>,
  { invoice, credited, drawn, timeZone, terminatedSubscriptionId, ...said }: CreditNoteToSave,
): Promise<string> {
  assertNote(credited, drawn);
  const sequentialId = Math.max(0, ...credited.notes.map((note) => note.sequentialId)) + 1;
  const note = {
    id: v7(),
    organizationId,
    customerId: invoice.customerId,
    invoiceId: invoice.id,
    terminatedSubscriptionId,
    sequentialId,
    number: noteNumber(invoice.number, sequentialId),
    status: invoice.status === 'draft' ? ('draft' as const) : ('finalized' as const),
    ...noteColumns(drawn),
    reason: said.reason,
    description: said.description,
    currency: invoice.currency,
    issuingDate: localDate(now, timeZone).toString(),
    metadata: said.metadata,
    refundedAt: null,
    voidedAt: null,
    createdAt: now,
    updatedAt: now,
  };
  await writeNotes(em, [{ note, ...noteLines(invoice, note.id, drawn, now) }]);
  if (note.status === 'finalized') await concludeNote(em, { organizationId, now }, invoice, note);
  return note.id;
}
