import type { InvoiceStep } from '../invoices/invoice-steps.ts';
import { invoiceTotals, type InvoiceCredits } from '../invoices/totals.ts';
import { ZERO, type Decimal } from '../money/decimal.ts';
import { useNotes, type NoteUse, type OpenNote, type PaidFee } from './use-notes.ts';

/**
 * The step of a customer's credit notes, after the taxes and only of an invoice that becomes final (spec, money 0,
 * 3.8).
 */
export const payWithNotes: InvoiceStep = {
  takes: ({ takesCreditNotes }) => takesCreditNotes,
  onDrafts: false,
  step: (invoice, { creditNotes }) => ({ ...invoice, ...paidWithNotes(invoice, creditNotes) }),
};

/** An invoice whose taxes are known, and what credit notes pay of it. */
export interface Paid<Fee> {
  readonly fees: readonly (Fee & { readonly preciseCreditNotesAmountCents: Decimal })[];
  readonly credits: InvoiceCredits;
  readonly noteUses: readonly NoteUse[];
}

/**
 * Pays what is left of an invoice with credit notes; it is never negative, and its fees say what was paid of each
 * (spec, money 3.8).
 *
 * Fees of 1000 and 500 with taxes of 200 and 100, a note of 900: 600 are paid of the first, 300 of the second, and 900
 * are left to pay.
 *
 * @param notes those that can pay it (`notesFor`), oldest first.
 */
export function paidWithNotes<Fee extends PaidFee>(
  { fees, credits }: { readonly fees: readonly Fee[]; readonly credits: InvoiceCredits },
  notes: readonly OpenNote[],
): Paid<Fee> {
  const { totalAmountCents } = invoiceTotals(fees, credits);
  const { uses, creditNotesAmountCents, preciseByFee } = useNotes(notes, totalAmountCents, fees);
  return {
    fees: fees.map((fee, index) => ({ ...fee, preciseCreditNotesAmountCents: preciseByFee[index] ?? ZERO })),
    credits: { ...credits, creditNotesAmountCents: credits.creditNotesAmountCents + creditNotesAmountCents },
    noteUses: uses,
  };
}
