import type { InvoiceType } from '../invoices/invoice-policy.ts';
import type { InvoiceStatus, PaymentStatus } from '../invoices/invoice-status.ts';
import type { Decimal } from '../money/decimal.ts';
import type { Tax } from '../taxes/tax.ts';

/** A fee of an invoice, and what earlier credit notes took from it. Amounts in cents. */
export interface CreditedFee {
  readonly id: string;
  readonly amountCents: bigint;
  readonly preciseCouponsAmountCents: Decimal;
  /** Percent, of all its taxes. */
  readonly taxesRate: Decimal;
  /** The part of it that is taxed (spec, money 1.8). */
  readonly taxesBaseRate: Decimal;
  readonly taxes: readonly Pick<Tax, 'code' | 'rate'>[];
  /** The items of all credit notes on it; those of voided ones count too (spec, money 3.4). */
  readonly creditedCents: bigint;
}

/** What an earlier credit note of the invoice says, in cents. */
export interface EarlierNote {
  readonly creditCents: bigint;
  readonly refundCents: bigint;
  readonly offsetCents: bigint;
  readonly taxesCents: bigint;
  readonly preciseTaxesCents: Decimal;
  readonly subTotalCents: bigint;
}

/** What a credit note has to know of the invoice that it credits. Amounts in cents. */
export interface CreditedInvoice {
  readonly invoiceType: InvoiceType;
  readonly status: InvoiceStatus;
  readonly paymentStatus: PaymentStatus;
  readonly couponsAmountCents: bigint;
  readonly progressiveBillingCreditAmountCents: bigint;
  readonly subTotalExcludingTaxesAmountCents: bigint;
  readonly taxesAmountCents: bigint;
  readonly totalAmountCents: bigint;
  readonly totalPaidAmountCents: bigint;
  readonly fees: readonly CreditedFee[];
  /** Its own taxes: their rates are what notes are taxed with. */
  readonly taxes: readonly Tax[];
  readonly notes: readonly EarlierNote[];
}

/**
 * What is left of a fee for credit notes (spec, money 3.4).
 *
 * A fee of 6833 cents with an item of 1367: 5466.
 */
export const creditableOfFee = ({ amountCents, creditedCents }: CreditedFee): bigint => amountCents - creditedCents;

/** What earlier notes add up to, in cents. */
export function earlierSums(notes: readonly EarlierNote[]): Omit<EarlierNote, 'preciseTaxesCents'> {
  const sum = (part: keyof Omit<EarlierNote, 'preciseTaxesCents'>): bigint =>
    notes.reduce((all, note) => all + note[part], 0n);
  return {
    creditCents: sum('creditCents'),
    refundCents: sum('refundCents'),
    offsetCents: sum('offsetCents'),
    taxesCents: sum('taxesCents'),
    subTotalCents: sum('subTotalCents'),
  };
}
