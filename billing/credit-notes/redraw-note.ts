import { roundToCents } from '../money/cents.ts';
import { Decimal } from '../money/decimal.ts';
import { creditableOfFee, type CreditedFee, type CreditedInvoice } from './credited-invoice.ts';
import { borneParts, type DrawnNote, type NoteParts } from './draw-note.ts';
import { noteSums, type NoteItem } from './note-sums.ts';

/** Digits after the point of an item that the engine computes; the rest is cut off (spec, money 0). */
const ITEM_DIGITS = 5;

/** An item of a draft's note, whose fee is made anew. */
export interface UprootedItem {
  readonly preciseAmountCents: Decimal;
  /** What the fee was. */
  readonly feeAmountCents: bigint;
  /** The fee in its place; null: there is none any more. */
  readonly feeId: string | null;
}

/**
 * The note of a draft once the draft is made anew: its items are as much of the new fees as they were of the old ones,
 * its parts as much of the new total (spec, money 3.11; subscriptions-and-invoices 5.5); null: nothing is left of it.
 *
 * An item of 1600 of a fee of 3100 at 20 %, 1920 credited; the fee is 1550 now: item 800, 960 credited.
 *
 * @param invoice the draft as it is now, without this note.
 */
export function redrawNote(
  invoice: CreditedInvoice,
  parts: NoteParts,
  uprooted: readonly UprootedItem[],
): DrawnNote | null {
  const left = new Map(invoice.fees.map((fee) => [fee.id, creditableOfFee(fee)]));
  const items = uprooted.flatMap((item) => {
    const fee = invoice.fees.find(({ id }) => id === item.feeId);
    if (!fee) return [];
    const rest = left.get(fee.id) ?? 0n;
    const replantedItems = replanted(fee, rest, item);
    for (const { amountCents } of replantedItems) left.set(fee.id, rest - amountCents);
    return replantedItems;
  });
  const sums = noteSums(invoice, items);
  const totalCents = sums.subTotalCents + sums.taxesCents;
  return totalCents > 0n
    ? { ...sums, ...borneParts(invoice, scaledParts(parts, totalCents)), items, totalCents }
    : null;
}

/** @param rest what the items before have left of the fee, in cents. */
function replanted(
  fee: CreditedFee,
  rest: bigint,
  { preciseAmountCents, feeAmountCents }: UprootedItem,
): readonly NoteItem[] {
  const scaled =
    fee.amountCents === feeAmountCents || feeAmountCents === 0n
      ? preciseAmountCents
      : preciseAmountCents
          .times(fee.amountCents.toString())
          .div(feeAmountCents.toString())
          .toDecimalPlaces(ITEM_DIGITS, Decimal.ROUND_DOWN);
  const precise = Decimal.min(scaled, rest.toString());
  return precise.gt(0) ? [{ feeId: fee.id, amountCents: roundToCents(precise), preciseAmountCents: precise }] : [];
}

/** What rounding leaves goes to the credit, else to the refund. */
function scaledParts({ creditCents, refundCents, offsetCents }: NoteParts, total: bigint): NoteParts {
  const whole = new Decimal(creditCents + refundCents + offsetCents);
  const share = (part: bigint): bigint => roundToCents(new Decimal(part).times(total.toString()).div(whole));
  const offset = creditCents + refundCents > 0n ? share(offsetCents) : total;
  const refund = creditCents > 0n ? least(share(refundCents), total - offset) : total - offset;
  return { creditCents: total - offset - refund, refundCents: refund, offsetCents: offset };
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
