import { roundToCents } from '../money/cents.ts';
import { Decimal, roundHalfAwayFromZero, ZERO } from '../money/decimal.ts';
import { percentOf } from '../taxes/fee-taxes.ts';
import { isSameTax, type Tax } from '../taxes/tax.ts';
import { earlierSums, type CreditedFee, type CreditedInvoice } from './credited-invoice.ts';
import { invoiceAmounts } from './invoice-amounts.ts';

/** Digits after the point of a note's precise amounts and of its rate (spec, money 0). */
const DIGITS = 5;

/** What a note takes from a fee, in cents, before coupons and taxes. */
export interface NoteItem {
  readonly feeId: string;
  readonly amountCents: bigint;
  readonly preciseAmountCents: Decimal;
}

/** A tax of a note. */
export interface NoteTax extends Tax {
  readonly baseAmountCents: bigint;
  readonly amountCents: bigint;
}

/** What items add up to, in cents (spec, money 3.5). */
export interface NoteSums {
  readonly preciseItemsCents: Decimal;
  readonly couponsAdjustmentCents: bigint;
  readonly preciseCouponsAdjustmentCents: Decimal;
  readonly subTotalCents: bigint;
  readonly taxes: readonly NoteTax[];
  readonly taxesCents: bigint;
  readonly preciseTaxesCents: Decimal;
  readonly taxesRate: Decimal;
  /** Whether nothing can be credited after it. */
  readonly leavesNothing: boolean;
}

interface Taken {
  readonly fee: CreditedFee;
  readonly precise: Decimal;
  readonly base: Decimal;
}

/**
 * Adds items up: the coupons' share comes off, the invoice's taxes are added (spec, money 3.5). All notes of an invoice
 * are never more than it, and the one that leaves nothing takes the cents that are left (spec, decisions).
 *
 * Two fees of 6833 cents at 20 %, one credited with taxes of 1367 (precise 1366.6): the second has precise 1366.2, so
 * 1366. Of a fee of 39900 with a coupon of 25000, 26260: coupons 16454, sub total 9806.
 *
 * @param items of fees of the invoice.
 */
export function noteSums(invoice: CreditedInvoice, items: readonly NoteItem[]): NoteSums {
  const taken = items.map((item) => takenFrom(invoice, item));
  const preciseItemsCents = taken.reduce((sum, { precise }) => sum.plus(precise), ZERO);
  const net = taken.reduce((sum, { base }) => sum.plus(base), ZERO);
  const taxed = invoice.taxes
    .map((tax) => ({ tax, base: baseOf(tax, taken) }))
    .filter(({ tax }) => taken.some(({ fee }) => timesOn(fee, tax) > 0));
  const taxesWithoutRest = taxed.reduce((sum, { tax, base }) => sum.plus(percentOf(base, tax.rate)), ZERO);
  const left = leftOf(invoice);
  const isLast = nothingIsLeft(invoice, items);
  const preciseTaxesCents = roundHalfAwayFromZero(
    isLast ? taxesWithoutRest.minus(roundingOf(invoice)) : taxesWithoutRest,
    DIGITS,
  );
  const preciseCouponsAdjustmentCents = roundHalfAwayFromZero(preciseItemsCents.minus(net), DIGITS);
  return {
    preciseItemsCents,
    couponsAdjustmentCents: roundToCents(preciseCouponsAdjustmentCents),
    preciseCouponsAdjustmentCents,
    subTotalCents: isLast ? left.subTotalCents : least(roundToCents(net), left.subTotalCents),
    taxes: taxed.map(({ tax, base }) => ({
      ...tax,
      baseAmountCents: roundToCents(base),
      amountCents: roundToCents(percentOf(base, tax.rate)),
    })),
    taxesCents: isLast ? left.taxesCents : least(roundToCents(preciseTaxesCents), left.taxesCents),
    preciseTaxesCents,
    leavesNothing: isLast,
    taxesRate: net.isZero() ? ZERO : roundHalfAwayFromZero(taxesWithoutRest.times(100).div(net), DIGITS),
  };
}

function takenFrom({ fees }: CreditedInvoice, { feeId, preciseAmountCents: precise }: NoteItem): Taken {
  const fee = fees.find(({ id }) => id === feeId);
  if (!fee) throw new Error(`fee ${feeId} is not on the invoice that is credited`);
  const coupons =
    fee.amountCents === 0n ? ZERO : fee.preciseCouponsAmountCents.times(precise).div(new Decimal(fee.amountCents));
  return { fee, precise, base: precise.minus(coupons) };
}

/** How often a fee bears a tax: a provider can say it twice. */
const timesOn = ({ taxes }: CreditedFee, tax: Tax): number => taxes.filter((own) => isSameTax(own, tax)).length;

const baseOf = (tax: Tax, taken: readonly Taken[]): Decimal =>
  taken.reduce((sum, { fee, base }) => sum.plus(base.times(fee.taxesBaseRate).times(timesOn(fee, tax))), ZERO);

/** What earlier notes have rounded up (or, negative, down) of their taxes. */
const roundingOf = ({ notes }: CreditedInvoice): Decimal =>
  notes.reduce(
    (sum, { taxesCents, preciseTaxesCents }) => sum.plus(taxesCents.toString()).minus(preciseTaxesCents),
    ZERO,
  );

function leftOf({ notes, ...invoice }: CreditedInvoice) {
  const { subTotalCents, taxesCents } = earlierSums(notes);
  return {
    subTotalCents: most(0n, invoice.subTotalExcludingTaxesAmountCents - subTotalCents),
    taxesCents: most(0n, invoice.taxesAmountCents - taxesCents),
  };
}

/** Whether nothing can be credited any more after these items. */
function nothingIsLeft(invoice: CreditedInvoice, items: readonly NoteItem[]): boolean {
  const ofFee = (feeId: string): bigint =>
    items.reduce((sum, item) => (item.feeId === feeId ? sum + item.amountCents : sum), 0n);
  const fees = invoice.fees.map((fee) => ({ ...fee, creditedCents: fee.creditedCents + ofFee(fee.id) }));
  // Asked of a draft too, which has nothing to credit for anybody else.
  const asFinal = { ...invoice, fees, status: 'finalized', invoiceType: 'subscription' } as const;
  return invoiceAmounts(asFinal).creditableCents <= 0n;
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
const most = (one: bigint, other: bigint): bigint => (one > other ? one : other);
