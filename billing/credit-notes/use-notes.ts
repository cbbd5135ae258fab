import { Decimal, roundHalfAwayFromZero, ZERO } from '../money/decimal.ts';

/** Digits after the point of what notes pay of a fee (spec, money 0). */
const DIGITS = 5;

/** A credit note with something left. Amounts in cents. */
export interface OpenNote {
  readonly id: string;
  /** The invoice that it credits. */
  readonly invoiceId: string;
  readonly currency: string;
  readonly balanceCents: bigint;
}

/**
 * The notes of a customer that can pay an invoice: those of its currency, but none that credits this very invoice
 * (spec, money 3.8).
 *
 * Notes in EUR of the invoices 1 and 2 and one in USD, for invoice 2 in EUR: that of invoice 1.
 */
export const notesFor = (
  notes: readonly OpenNote[],
  invoice: { readonly invoiceId: string; readonly currency: string },
): readonly OpenNote[] =>
  notes.filter(({ invoiceId, currency }) => invoiceId !== invoice.invoiceId && currency === invoice.currency);

/** What a note pays of an invoice. */
export interface NoteUse {
  readonly creditNoteId: string;
  readonly amountCents: bigint;
  readonly balanceAfterCents: bigint;
}

/** What notes pay of a fee is taken from. */
export interface PaidFee {
  readonly amountCents: bigint;
  readonly preciseCouponsAmountCents: Decimal;
  readonly taxesAmountCents: bigint;
}

/** What notes pay of an invoice, and of each of its fees in their order. */
export interface UsedNotes {
  readonly uses: readonly NoteUse[];
  readonly creditNotesAmountCents: bigint;
  readonly preciseByFee: readonly Decimal[];
}

/**
 * Pays an invoice with a customer's notes, in their order, as far as they go (spec, money 3.8). Each is spread over
 * what is still to be paid of the fees.
 *
 * 1000 to pay, notes of 600 and 700: 600 and 400 are used, 300 are left on the second.
 *
 * @param notes those that can pay it (`notesFor`), oldest first.
 */
export function useNotes(
  notes: readonly Pick<OpenNote, 'id' | 'balanceCents'>[],
  totalCents: bigint,
  fees: readonly PaidFee[],
): UsedNotes {
  const uses: NoteUse[] = [];
  let preciseByFee: readonly Decimal[] = fees.map(() => ZERO);
  let remaining = totalCents;
  for (const { id, balanceCents } of notes) {
    const used = balanceCents < remaining ? balanceCents : remaining;
    if (used <= 0n) continue;
    preciseByFee = spread(fees, preciseByFee, used, remaining);
    uses.push({ creditNoteId: id, amountCents: used, balanceAfterCents: balanceCents - used });
    remaining -= used;
  }
  return { uses, creditNotesAmountCents: totalCents - remaining, preciseByFee };
}

function spread(fees: readonly PaidFee[], paid: readonly Decimal[], used: bigint, remaining: bigint) {
  const part = new Decimal(used).div(new Decimal(remaining));
  return fees.map((fee, index) => {
    const before = paid[index] ?? ZERO;
    const afterTax = new Decimal(fee.amountCents + fee.taxesAmountCents).minus(fee.preciseCouponsAmountCents);
    const after = roundHalfAwayFromZero(before.plus(afterTax.minus(before).times(part)), DIGITS);
    return Decimal.min(afterTax, after);
  });
}
