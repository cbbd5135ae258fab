import { roundToCents } from '../money/cents.ts';
import { Decimal, ZERO } from '../money/decimal.ts';
import { percentOf } from '../taxes/fee-taxes.ts';
import { invalid, notAllowed, notFound } from '../refusal.ts';
import { creditableOfFee, earlierSums, type CreditedInvoice } from './credited-invoice.ts';
import { invoiceAmounts, isPaidWithoutSuccess } from './invoice-amounts.ts';
import { noteSums, type NoteItem, type NoteSums } from './note-sums.ts';

/** The parts of a note, in cents. */
export interface NoteParts {
  /** For the customer's balance. */
  readonly creditCents: bigint;
  readonly refundCents: bigint;
  /** Off what is still due on the invoice itself. */
  readonly offsetCents: bigint;
}

/** What a request takes from a fee: an amount that may have decimals. */
export interface AskedItem {
  readonly feeId: string;
  readonly amountCents: Decimal;
}

/** A note as it is to be saved. */
export interface DrawnNote extends NoteParts, NoteSums {
  readonly items: readonly NoteItem[];
  readonly totalCents: bigint;
}

/**
 * A credit note of an invoice by hand (spec, money 3.3): the items are checked one after the other, the parts together.
 *
 * 76900 cents at 20 %, item 72686, credit of 87224 asked: 87223, as 72686 + 14537.
 *
 * @throws Refusal as money 3.3, 3.4 and 3.6 say.
 */
export function drawNote(invoice: CreditedInvoice, asked: readonly AskedItem[], parts: NoteParts): DrawnNote {
  refuseCredited(invoice);
  const items = checkedItems(invoice, asked);
  const sums = noteSums(invoice, items);
  refuseParts(invoice, parts, sums);
  return { ...sums, ...adjustedParts(invoice, parts, sums), items, totalCents: sums.subTotalCents + sums.taxesCents };
}

/**
 * Refuses notes of an invoice that has nothing to give back (spec, money 3.3; decisions): a wallet's top-up, as there
 * are no wallets, and one that waits for its taxes or has failed.
 *
 * A final subscription invoice: passes; a pending one: 405.
 *
 * @throws Refusal 405 `invalid_type_or_status`.
 */
export function refuseCredited({ invoiceType, status }: Pick<CreditedInvoice, 'invoiceType' | 'status'>): void {
  if (invoiceType === 'credit' || status === 'pending' || status === 'failed') {
    throw notAllowed('invalid_type_or_status');
  }
}

/**
 * The items of a request (spec, money 3.4; S114). Each counts for the next one of the same fee.
 *
 * 0: accepted; -3: `invalid_value`; more than is left: `higher_than_remaining_fee_amount`.
 *
 * @throws Refusal 404 `fee_not_found`, 422 `amount_cents`.
 */
export function checkedItems(invoice: CreditedInvoice, asked: readonly AskedItem[]): readonly NoteItem[] {
  const left = new Map(invoice.fees.map((fee) => [fee.id, new Decimal(creditableOfFee(fee))]));
  return asked.map(({ feeId, amountCents: wanted }) => {
    const rest = left.get(feeId);
    if (rest === undefined) throw notFound('fee');
    if (wanted.isNegative() && !wanted.isZero()) throw invalid({ amount_cents: ['invalid_value'] });
    const precise = wanted.toDecimalPlaces(ITEM_DIGITS);
    const amountCents = roundToCents(precise);
    if (precise.gt(rest)) throw invalid({ amount_cents: ['higher_than_remaining_fee_amount'] });
    // Many fractions that are no cent each would else be more than the fee together.
    left.set(feeId, rest.minus(Decimal.max(precise, amountCents.toString())));
    return { feeId, amountCents, preciseAmountCents: precise };
  });
}

/** Digits after the point that are kept of an item. */
const ITEM_DIGITS = 5;

type Problem = readonly [field: string, code: string];

const BASE = 'base';

/** Every part that cannot be, all of them said at once (spec, money 3.6). */
function refuseParts(invoice: CreditedInvoice, parts: NoteParts, sums: NoteSums): void {
  const problems = [...partProblems(invoice, parts), ...totalProblems(invoice, parts, sums)];
  if (problems.length === 0) return;
  const details = new Map<string, Set<string>>();
  for (const [field, code] of problems) details.set(field, (details.get(field) ?? new Set<string>()).add(code));
  throw invalid(Object.fromEntries([...details].map(([field, codes]) => [field, [...codes]])));
}

function* partProblems(
  invoice: CreditedInvoice,
  { creditCents, refundCents, offsetCents }: NoteParts,
): Iterable<Problem> {
  const earlier = earlierSums(invoice.notes);
  const left = feesTotal(invoice) - earlier.creditCents - earlier.offsetCents;
  const { totalAmountCents, totalPaidAmountCents: paid } = invoice;
  if (refundCents > 0n && (isPaidWithoutSuccess(invoice) || paid === 0n)) {
    yield ['refund_amount_cents', 'cannot_refund_unpaid_invoice'];
  }
  if (refundCents > 0n && refundCents > paid - earlier.refundCents)
    yield ['refund_amount_cents', 'higher_than_remaining_invoice_amount'];
  if (creditCents > left + 1n) yield ['credit_amount_cents', 'higher_than_remaining_invoice_amount'];
  if (offsetCents > 0n && (offsetCents > totalAmountCents - paid - earlier.offsetCents || offsetCents > left)) {
    yield ['offset_amount_cents', 'higher_than_remaining_invoice_amount'];
  }
}

function* totalProblems(
  invoice: CreditedInvoice,
  { creditCents, refundCents, offsetCents }: NoteParts,
  { subTotalCents, taxesCents }: NoteSums,
): Iterable<Problem> {
  const { creditCents: credited, refundCents: refunded, offsetCents: offset } = earlierSums(invoice.notes);
  const total = creditCents + refundCents + offsetCents;
  const difference = total - subTotalCents - taxesCents;
  if (difference > 1n || difference < -1n) yield [BASE, 'does_not_match_item_amounts'];
  if (total > feesTotal(invoice) - credited - refunded - offset + 1n) {
    yield [BASE, 'higher_than_remaining_invoice_amount'];
  }
  if (total <= 0n || subTotalCents + taxesCents <= 0n) yield [BASE, 'total_amount_must_be_positive'];
}

/** The fees with their taxes, as if there were no coupons. */
function feesTotal({ fees }: CreditedInvoice): bigint {
  const amount = fees.reduce((sum, fee) => sum + fee.amountCents, 0n);
  const taxes = fees.reduce((sum, fee) => sum.plus(percentOf(new Decimal(fee.amountCents), fee.taxesRate)), ZERO);
  return amount + roundToCents(taxes);
}

/**
 * Moves the cents by which a request misses its items: on the credit, else the refund, else the offset (3.7). What is
 * more than was paid, or than is due, is credited instead (3.6).
 *
 * Items of 1200, 1199 of the invoice paid, a refund of 1199 asked: 1199 refunded, 1 credited.
 */
export function adjustedParts(
  invoice: CreditedInvoice,
  parts: NoteParts,
  { subTotalCents, taxesCents }: NoteSums,
): NoteParts {
  const { creditCents, refundCents, offsetCents } = parts;
  const missing = subTotalCents + taxesCents - creditCents - refundCents - offsetCents;
  if (creditCents > 0n) return { ...parts, creditCents: creditCents + missing };
  const moved =
    refundCents > 0n
      ? { ...parts, refundCents: refundCents + missing }
      : { ...parts, offsetCents: offsetCents + missing };
  return borneParts(invoice, moved);
}

/**
 * The parts as the invoice can bear them (spec, money 3.6): no more is refunded than was paid and not yet given back,
 * no more is offset than is due; the rest is credited.
 *
 * 3720 in all and nothing due, an offset of 1920: 1920 credited.
 */
export function borneParts(invoice: CreditedInvoice, { creditCents, refundCents, offsetCents }: NoteParts): NoteParts {
  const room = roomOfParts(invoice);
  const refund = least(refundCents, room.refundCents);
  const offset = least(offsetCents, room.offsetCents);
  return {
    creditCents: creditCents + refundCents - refund + offsetCents - offset,
    refundCents: refund,
    offsetCents: offset,
  };
}

/**
 * What of an invoice may still be refunded, and offset, in cents (spec, money 3.6).
 *
 * 1200, of which 500 is paid: 500 and 700.
 */
export function roomOfParts({
  notes,
  totalAmountCents,
  totalPaidAmountCents: paid,
}: CreditedInvoice): Pick<NoteParts, 'refundCents' | 'offsetCents'> {
  const earlier = earlierSums(notes);
  return {
    refundCents: most(0n, paid - earlier.refundCents),
    offsetCents: most(0n, totalAmountCents - paid - earlier.offsetCents),
  };
}

/** What a note of some items could be at most (spec, money 3.9). */
export interface NoteEstimate extends NoteSums {
  readonly items: readonly NoteItem[];
  readonly maxCreditableCents: bigint;
  readonly maxRefundableCents: bigint;
  readonly maxOffsettableCents: bigint;
}

/**
 * What a note of these items would be, without making it (spec, money 3.9).
 *
 * Item 26260 of the fee of 39900 with a coupon of 25000 at 20 %, 1200 paid: creditable 11767, refundable 1200.
 *
 * @throws Refusal as `checkedItems`.
 */
export function estimateNote(invoice: CreditedInvoice, asked: readonly AskedItem[]): NoteEstimate {
  refuseCredited(invoice);
  const items = checkedItems(invoice, asked);
  const sums = roundedTogether(noteSums(invoice, items));
  const maxCreditableCents = sums.subTotalCents + sums.taxesCents;
  const { refundableCents, offsettableCents } = invoiceAmounts(invoice);
  return {
    ...sums,
    items,
    maxCreditableCents,
    maxRefundableCents: least(refundableCents, maxCreditableCents),
    maxOffsettableCents: least(offsettableCents, maxCreditableCents),
  };
}

/**
 * An estimate rounds the sum of all, and takes a cent too many from the taxes (spec, money 3.9). Where a note takes
 * what is left of the invoice, that is what it takes.
 *
 * 497.58 and taxes of 49.76 are 547.34: 498 and 49, although the taxes alone are 50.
 */
function roundedTogether(sums: NoteSums): NoteSums {
  const { preciseItemsCents, preciseCouponsAdjustmentCents, preciseTaxesCents, subTotalCents, taxesCents } = sums;
  if (sums.leavesNothing) return sums;
  const whole = roundToCents(preciseItemsCents.minus(preciseCouponsAdjustmentCents).plus(preciseTaxesCents));
  return whole < subTotalCents + taxesCents ? { ...sums, taxesCents: most(0n, taxesCents - 1n) } : sums;
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
const most = (one: bigint, other: bigint): bigint => (one > other ? one : other);
