import { roundToCents } from '../money/cents.ts';
import { Decimal, ZERO } from '../money/decimal.ts';
import { creditableOfFee, type CreditedInvoice } from './credited-invoice.ts';
import { borneParts, type DrawnNote, type NoteParts } from './draw-note.ts';
import { noteSums, type NoteItem } from './note-sums.ts';

/** Digits after the point of an item that the engine computes; the rest is cut off (spec, money 0). */
const ITEM_DIGITS = 5;

/** What a subscription that was paid in advance leaves unused. */
export interface UnusedPeriod {
  readonly feeId: string;
  /** Cents of a day, exact. */
  readonly dayPriceCents: Decimal;
  readonly unusedDays: number;
  readonly usedDays: number;
  readonly option: 'credit' | 'refund' | 'offset';
}

/**
 * The note of a subscription that ends within a period paid in advance (spec, money 3.11; subscriptions-and-invoices
 * 5.5); null: nothing is left to credit.
 *
 * 3100 a month in October, terminated on the 15th, 20 %: 16 days, item 1600, total 1920. With 2790 of it paid and
 * `refund`: 2790 - 1800 used = 990 refunded, 930 credited.
 */
export function terminationNote(invoice: CreditedInvoice, unused: UnusedPeriod): DrawnNote | null {
  const fee = invoice.fees.find(({ id }) => id === unused.feeId);
  if (!fee || fee.amountCents <= 0n || invoice.status === 'voided') return null;
  const credited = fee.amountCents - creditableOfFee(fee);
  const worth = Decimal.min(unused.dayPriceCents.times(Math.max(0, unused.unusedDays)), fee.amountCents.toString());
  const precise = worth.minus(credited.toString()).toDecimalPlaces(ITEM_DIGITS, Decimal.ROUND_DOWN);
  if (!precise.gt(0)) return null;
  const item: NoteItem = { feeId: fee.id, amountCents: roundToCents(precise), preciseAmountCents: precise };
  const sums = noteSums(invoice, [item]);
  const total = sums.subTotalCents + sums.taxesCents;
  if (total <= 0n) return null;
  const parts = borneParts(invoice, partsOf(invoice, unused, total));
  return { ...sums, ...parts, items: [item], totalCents: total };
}

function partsOf(invoice: CreditedInvoice, unused: UnusedPeriod, total: bigint): NoteParts {
  if (unused.option === 'credit') return { creditCents: total, refundCents: 0n, offsetCents: 0n };
  const refundCents = least(total, most(0n, roundToCents(paidPart(invoice, unused).minus(usedPart(invoice, unused)))));
  const rest = total - refundCents;
  return unused.option === 'refund'
    ? { creditCents: rest, refundCents, offsetCents: 0n }
    : { creditCents: 0n, refundCents, offsetCents: rest };
}

/** What was paid of the fee: its part of the payments. */
function paidPart(invoice: CreditedInvoice, { feeId }: UnusedPeriod): Decimal {
  const whole = new Decimal(invoice.subTotalExcludingTaxesAmountCents + invoice.taxesAmountCents);
  if (!whole.gt(0)) return ZERO;
  const paid = new Decimal(invoice.totalPaidAmountCents);
  return paid.times(withTaxes(invoice, feeId, null)).div(whole);
}

/** What the days that were used cost, with coupons and taxes. */
const usedPart = (invoice: CreditedInvoice, { feeId, dayPriceCents, usedDays }: UnusedPeriod): string =>
  roundToCents(withTaxes(invoice, feeId, dayPriceCents.times(usedDays))).toString();

/** An amount of a fee, or all of it, without its coupons and with its taxes. */
function withTaxes({ fees }: CreditedInvoice, feeId: string, amount: Decimal | null): Decimal {
  const fee = fees.find(({ id }) => id === feeId)!;
  const whole = new Decimal(fee.amountCents);
  const taken = amount ?? whole;
  const net = taken.minus(fee.preciseCouponsAmountCents.times(taken).div(whole));
  return net.plus(net.times(fee.taxesBaseRate).times(fee.taxesRate).div(100));
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
const most = (one: bigint, other: bigint): bigint => (one > other ? one : other);
