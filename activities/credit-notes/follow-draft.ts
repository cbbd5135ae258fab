import type { EntityManager } from '@mikro-orm/postgresql';
import type { CreditedInvoice } from '../../billing/credit-notes/credited-invoice.ts';
import type { DrawnNote } from '../../billing/credit-notes/draw-note.ts';
import { assertNote } from '../../billing/credit-notes/note-invariants.ts';
import { noteNumber } from '../../billing/credit-notes/note-number.ts';
import { redrawNote, type UprootedItem } from '../../billing/credit-notes/redraw-note.ts';
import { CreditNote } from '../../db/entities/credit-notes/credit-note.ts';
import { CreditNoteItem } from '../../db/entities/credit-notes/credit-note-item.ts';
import { Fee } from '../../db/entities/invoices/fee.ts';
import { Invoice } from '../../db/entities/invoices/invoice.ts';
import { deleteDraftNotes, replaceNoteLines } from '../../db/queries/credit-notes/draft-notes.ts';
import type { WebhookOrigin } from '../webhooks/emit-webhooks.ts';
import { concludeNote } from './conclude-note.ts';
import { loadCreditedInvoice } from './load-credited-invoice.ts';
import { noteColumns, noteLines } from './note-rows.ts';

/** What a draft's notes took from its fees, by note. */
export type UprootedItems = ReadonlyMap<string, readonly UprootedItem[]>;

/**
 * Makes the notes of a draft anew after the draft itself, in the same transaction: with it they become final, get their
 * numbers and are told of; what has nothing to credit any more is deleted (spec, subscriptions-and-invoices 5.5, 6.6).
 *
 * @param writer the invoice is read through a manager of its own: it was written beside the ORM.
 */
export async function followDraft(
  writer: EntityManager,
  origin: WebhookOrigin,
  invoiceId: string,
  uprooted: UprootedItems,
): Promise<void> {
  const em = writer.fork({ clear: true, keepTransactionContext: true });
  const { organizationId } = origin;
  const invoice = await em.findOneOrFail(Invoice, { id: invoiceId });
  const notes = await em.find(CreditNote, { invoiceId, status: 'draft' }, { orderBy: { sequentialId: 'asc' } });
  const drawn = redrawn(await withoutNotes(em, invoice), notes, uprooted);
  const kept = notes.filter(({ id }) => drawn.has(id));
  const gone = notes.filter(({ id }) => !drawn.has(id));
  await replaceNoteLines(
    em,
    organizationId,
    kept.map(({ id }) => id),
    kept.map(({ id }) => noteLines(invoice, id, drawn.get(id)!, origin.now)),
  );
  const isFinal = invoice.status === 'finalized';
  for (const note of kept) {
    em.assign(note, {
      ...noteColumns(drawn.get(note.id)!),
      number: noteNumber(invoice.number, note.sequentialId),
      ...(isFinal && { status: 'finalized' as const }),
      updatedAt: origin.now,
    });
  }
  await em.flush();
  if (gone.length > 0) {
    await deleteDraftNotes(
      em,
      organizationId,
      invoiceId,
      gone.map(({ id }) => id),
    );
  }
  if (!isFinal) return;
  for (const note of kept) await concludeNote(em, origin, invoice, note);
}

/** Every note of a draft is a draft itself. */
async function withoutNotes(em: EntityManager, invoice: Invoice): Promise<CreditedInvoice> {
  const credited = await loadCreditedInvoice(em, invoice);
  return { ...credited, fees: credited.fees.map((fee) => ({ ...fee, creditedCents: 0n })), notes: [] };
}

/** The notes as they are now, one after the other; what is left of none is not among them. */
function redrawn(
  invoice: CreditedInvoice,
  notes: readonly CreditNote[],
  uprooted: UprootedItems,
): ReadonlyMap<string, DrawnNote> {
  const drawn = new Map<string, DrawnNote>();
  let left = invoice;
  for (const { id, creditAmountCents, refundAmountCents, offsetAmountCents } of notes) {
    const parts = { creditCents: creditAmountCents, refundCents: refundAmountCents, offsetCents: offsetAmountCents };
    const note = redrawNote(left, parts, uprooted.get(id) ?? []);
    if (!note) continue;
    assertNote(left, note);
    drawn.set(id, note);
    left = after(left, note);
  }
  return drawn;
}

/** What an invoice has left after a note. */
const after = (invoice: CreditedInvoice, note: DrawnNote): CreditedInvoice => ({
  ...invoice,
  fees: invoice.fees.map((fee) => ({
    ...fee,
    creditedCents: note.items
      .filter(({ feeId }) => feeId === fee.id)
      .reduce((sum, { amountCents }) => sum + amountCents, fee.creditedCents),
  })),
  notes: [...invoice.notes, note],
});

/** The same for a draft, or what was one, whose fees stay and only got their taxes (spec, money 1.7, 1.8). */
export async function followTaxes(em: EntityManager, origin: WebhookOrigin, invoiceId: string): Promise<void> {
  const notes = await em.find(CreditNote, { invoiceId, status: 'draft' });
  const items = await em.find(CreditNoteItem, { creditNoteId: notes.map(({ id }) => id) });
  const fees = await em.find(Fee, { invoiceId });
  const amountOf = new Map(fees.map(({ id, amountCents }) => [id, amountCents]));
  const uprooted = items.map(({ creditNoteId, feeId, preciseAmountCents }) => ({
    creditNoteId,
    feeId,
    preciseAmountCents,
    feeAmountCents: amountOf.get(feeId) ?? 0n,
  }));
  await followDraft(
    em,
    origin,
    invoiceId,
    Map.groupBy(uprooted, ({ creditNoteId }) => creditNoteId),
  );
}
