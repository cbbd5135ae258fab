import type { PlainDate } from '../calendar/local-date.ts';
import type { FeeAdjustments } from '../fees/fee.ts';
import type { Decimal } from '../money/decimal.ts';
import { paidWithNotes } from '../credit-notes/pay-with-notes.ts';
import type { NoteUse, OpenNote } from '../credit-notes/use-notes.ts';
import { taxedFees, withTaxes } from '../taxes/apply-taxes.ts';
import type { FeeTaxes, TaxableFee } from '../taxes/fee-taxes.ts';
import type { InvoiceAppliedTax } from '../taxes/tax.ts';
import type { InvoiceTaxFacts, TaxedSource } from '../taxes/tax-facts.ts';
import {
  dateSettings,
  datesWhenFinalized,
  type CustomerDateSettings,
  type InvoiceDates,
  type InvoiceDateSettings,
} from './invoice-dates.ts';
import { invoiceEffects, type InvoiceEffect } from './invoice-effects.ts';
import { INVOICE_POLICIES, type InvoiceType } from './invoice-policy.ts';
import { initialPaymentStatus, type PaymentStatus } from './invoice-status.ts';
import { invoiceTotals, type InvoiceCredits, type InvoiceTotals } from './totals.ts';

/** A fee of an invoice that waits for its taxes, as it was stored. */
export interface WaitingFee extends TaxableFee {
  readonly id: string;
  readonly source: TaxedSource;
}

/** An invoice that waits for its taxes, as it was stored. */
export interface WaitingInvoice {
  /** `pending`: it is final but for them. */
  readonly status: 'draft' | 'pending';
  readonly invoiceType: InvoiceType;
  /** Whether it is for one event of a charge in advance. */
  readonly isInstant: boolean;
  readonly fees: readonly WaitingFee[];
  readonly credits: InvoiceCredits;
  /** What can pay it once it has its taxes, in this order (`notesFor`). */
  readonly creditNotes: readonly OpenNote[];
  readonly dates: InvoiceDates;
  /** Whether the periodic run made it. */
  readonly recurring: boolean;
  readonly customer: CustomerDateSettings;
  /** The issuer. */
  readonly billingEntity: InvoiceDateSettings;
}

/** The same with its taxes: what changes of it when it gets them. */
export interface TaxedInvoice extends InvoiceTotals, Pick<InvoiceDates, 'issuingDate' | 'paymentDueDate'> {
  readonly status: 'draft' | 'finalized';
  readonly fees: readonly (WaitingFee & FeeTaxes & Pick<FeeAdjustments, 'preciseCreditNotesAmountCents'>)[];
  readonly noteUses: readonly NoteUse[];
  readonly appliedTaxes: readonly InvoiceAppliedTax[];
  readonly taxesRate: Decimal;
  readonly netPaymentTerm: number;
  readonly paymentStatus: PaymentStatus;
  readonly effects: readonly InvoiceEffect[];
}

/**
 * Takes the steps that an invoice could not take while its taxes were not known: its fees stay as they are, credit
 * notes pay what they can, it is issued today unless it keeps its anchor, and its due date follows (spec, money 1.7,
 * 3.8; subscriptions-and-invoices 6.5, 6.7).
 *
 * Fees of 14900 that waited for VIES from 1 to 3 March, at 0 %: 14900 in all, issued on 3 March.
 *
 * @param today in the customer's calendar.
 */
export function taxWaitingInvoice(waiting: WaitingInvoice, facts: InvoiceTaxFacts, today: PlainDate): TaxedInvoice {
  return taxedInvoice(waiting, taxedFees(waiting.fees, facts), today);
}

/** The same with taxes of fees that somebody else has calculated; a draft stays a draft, on its day (money 1.8). */
export function taxedInvoice(
  waiting: WaitingInvoice,
  fees: readonly (WaitingFee & FeeTaxes)[],
  today: PlainDate,
): TaxedInvoice {
  const taxed = withTaxes(fees, waiting.credits);
  const isFinal = waiting.status === 'pending';
  const notes = isFinal && INVOICE_POLICIES[waiting.invoiceType].takesCreditNotes ? waiting.creditNotes : [];
  const paid = paidWithNotes(taxed, notes);
  const totals = invoiceTotals(paid.fees, paid.credits);
  const settings = dateSettings(waiting.customer, waiting.billingEntity);
  const { issuingDate, paymentDueDate } = isFinal
    ? datesWhenFinalized(waiting.dates, waiting, settings, today)
    : waiting.dates;
  const status = isFinal ? 'finalized' : 'draft';
  return {
    ...totals,
    status,
    fees: paid.fees,
    noteUses: paid.noteUses,
    appliedTaxes: taxed.appliedTaxes,
    taxesRate: taxed.taxesRate,
    issuingDate,
    paymentDueDate,
    netPaymentTerm: settings.netPaymentTerm,
    paymentStatus: initialPaymentStatus(totals.totalAmountCents),
    effects: effectsOf(waiting, status, paid.noteUses),
  };
}

/** What becomes of an invoice whose taxes nobody can tell: it waits for a person, or stays a draft (money 1.8). */
export interface UntaxedInvoice {
  readonly status: 'draft' | 'failed';
  readonly effects: readonly InvoiceEffect[];
}

export function untaxedInvoice(waiting: WaitingInvoice): UntaxedInvoice {
  const failed = waiting.status === 'draft' ? 'draft' : 'failed';
  return { status: failed, effects: effectsOf(waiting, failed, []) };
}

/** It was announced when it was made: what follows is that it does not wait any more. */
const effectsOf = (
  { invoiceType, isInstant }: WaitingInvoice,
  status: 'draft' | 'finalized' | 'failed',
  noteUses: readonly NoteUse[],
): readonly InvoiceEffect[] =>
  invoiceEffects(invoiceType, status, {
    isInstant,
    couponUses: [],
    noteUses,
    isMadeAgain: true,
    awaitedTaxes: true,
    awaitsTaxes: false,
    asksProvider: false,
    madeWith: { applied: [], ofBillingEntity: [] },
  });
