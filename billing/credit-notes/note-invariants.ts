import { InvariantBroken } from '../invoices/invariants.ts';
import { isWithinJsonRange } from '../money/cents.ts';
import { creditableOfFee, earlierSums, type CreditedInvoice } from './credited-invoice.ts';
import { roomOfParts, type DrawnNote } from './draw-note.ts';

const AMOUNTS = [
  'creditCents',
  'refundCents',
  'offsetCents',
  'totalCents',
  'subTotalCents',
  'taxesCents',
  'couponsAdjustmentCents',
] as const;

/**
 * Checks what must hold for every credit note before it is saved: it adds up (spec, money 3.7), nothing is negative, no
 * fee gives more than it has, no more is refunded than was paid nor offset than is due, and all notes of an invoice
 * are never more than the invoice (spec, decisions).
 *
 * A note of 72686 and taxes of 14537 that credits 87223: it adds up. Crediting 87224: it does not.
 *
 * @param invoice as it is without the note.
 * @throws InvariantBroken.
 */
export function assertNote(invoice: CreditedInvoice, note: DrawnNote): void {
  for (const name of AMOUNTS) {
    if (note[name] < 0n || !isWithinJsonRange(note[name])) {
      throw new InvariantBroken('amounts of a credit note are not negative, and numbers in JSON', {
        [name]: `${note[name]}`,
      });
    }
  }
  assertSums(note);
  assertFees(invoice, note);
  assertWithinInvoice(invoice, note);
  assertBorne(invoice, note);
}

function assertBorne(invoice: CreditedInvoice, { refundCents, offsetCents }: DrawnNote): void {
  const room = roomOfParts(invoice);
  if (refundCents <= room.refundCents && offsetCents <= room.offsetCents) return;
  throw new InvariantBroken('a note refunds what was paid, and offsets what is due', {
    refundCents: `${refundCents} of ${room.refundCents}`,
    offsetCents: `${offsetCents} of ${room.offsetCents}`,
  });
}

function assertSums({ totalCents, creditCents, refundCents, offsetCents, subTotalCents, taxesCents }: DrawnNote) {
  if (totalCents === subTotalCents + taxesCents && totalCents === creditCents + refundCents + offsetCents) return;
  throw new InvariantBroken('a credit note adds up', {
    totalCents: `${totalCents}`,
    parts: `${creditCents} + ${refundCents} + ${offsetCents}`,
    sums: `${subTotalCents} + ${taxesCents}`,
  });
}

function assertFees(invoice: CreditedInvoice, { items }: DrawnNote): void {
  const left = new Map(invoice.fees.map((fee) => [fee.id, creditableOfFee(fee)]));
  for (const { feeId, amountCents } of items) {
    const rest = (left.get(feeId) ?? 0n) - amountCents;
    if (amountCents < 0n || rest < 0n) {
      throw new InvariantBroken('a fee gives back what it has left', { feeId, amountCents: `${amountCents}` });
    }
    left.set(feeId, rest);
  }
}

function assertWithinInvoice(invoice: CreditedInvoice, note: DrawnNote): void {
  const earlier = earlierSums(invoice.notes);
  const subTotalCents = earlier.subTotalCents + note.subTotalCents;
  const taxesCents = earlier.taxesCents + note.taxesCents;
  const { subTotalExcludingTaxesAmountCents, taxesAmountCents } = invoice;
  if (subTotalCents <= subTotalExcludingTaxesAmountCents && taxesCents <= taxesAmountCents) return;
  throw new InvariantBroken('the credit notes of an invoice are never more than the invoice', {
    notes: `${subTotalCents} + ${taxesCents}`,
    invoice: `${subTotalExcludingTaxesAmountCents} + ${taxesAmountCents}`,
  });
}
