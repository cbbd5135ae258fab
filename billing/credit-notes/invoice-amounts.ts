import { roundToCents } from '../money/cents.ts';
import { Decimal, ZERO } from '../money/decimal.ts';
import { percentOf } from '../taxes/fee-taxes.ts';
import { creditableOfFee, earlierSums, type CreditedInvoice } from './credited-invoice.ts';

/** What can still be done with an invoice, in cents (spec, money 3.9). */
export interface InvoiceAmounts {
  readonly creditableCents: bigint;
  readonly refundableCents: bigint;
  readonly offsettableCents: bigint;
  readonly offsetCents: bigint;
  readonly dueCents: bigint;
}

/**
 * Derives what is due on an invoice and what of it can be credited, refunded and offset (spec, money 3.9). The taxes of
 * what is creditable are rounded anew, so notes of these amounts can differ from the invoice by cents.
 *
 * Two fees of 6833 cents at 20 %, one of them credited: 8200 creditable; with all 16399 paid and nothing refunded,
 * refundable too.
 */
export function invoiceAmounts(invoice: CreditedInvoice): InvoiceAmounts {
  const { refundCents, offsetCents } = earlierSums(invoice.notes);
  const { status, totalPaidAmountCents: paid } = invoice;
  const dueCents = dueOf(invoice, offsetCents);
  const creditableCents = creditable(invoice);
  const refundable =
    isPaidWithoutSuccess(invoice) || status === 'draft' ? 0n : least(paid - refundCents, creditableCents);
  return {
    creditableCents,
    refundableCents: positive(refundable),
    offsettableCents: positive(least(dueCents, creditableCents)),
    offsetCents,
    dueCents,
  };
}

/**
 * What is still to be paid of an invoice, in cents; nothing of a voided one (spec, money 3.9).
 *
 * 1200 in all, 500 paid and 100 offset: 600.
 */
export const dueOf = (
  {
    status,
    totalAmountCents,
    totalPaidAmountCents,
  }: Pick<CreditedInvoice, 'status' | 'totalAmountCents' | 'totalPaidAmountCents'>,
  offsetCents: bigint,
): bigint => (status === 'voided' ? 0n : totalAmountCents - totalPaidAmountCents - offsetCents);

/** Payments cover it, and yet it is not said to be paid: they are not through (spec, money 3.6, 3.9). */
export const isPaidWithoutSuccess = ({ paymentStatus, totalAmountCents, totalPaidAmountCents }: CreditedInvoice) =>
  paymentStatus !== 'succeeded' && totalPaidAmountCents > 0n && totalPaidAmountCents >= totalAmountCents;

function creditable(invoice: CreditedInvoice): bigint {
  if (invoice.status === 'draft' || invoice.invoiceType === 'credit') return 0n;
  const { fees } = invoice;
  const whole = new Decimal(fees.reduce((sum, fee) => sum + fee.amountCents, 0n));
  const left = new Decimal(fees.reduce((sum, fee) => sum + creditableOfFee(fee), 0n));
  if (!whole.gt(0) || !left.gt(0)) return 0n;
  const discount = new Decimal(invoice.couponsAmountCents + invoice.progressiveBillingCreditAmountCents);
  const adjustment = discount.div(whole).times(left);
  const taxes = fees.reduce((sum, fee) => {
    const own = new Decimal(creditableOfFee(fee));
    return sum.plus(percentOf(own.minus(adjustment.times(own).div(left)), fee.taxesRate));
  }, ZERO);
  return roundToCents(left.minus(adjustment).plus(roundToCents(taxes).toString()));
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
const positive = (cents: bigint): bigint => (cents > 0n ? cents : 0n);
