import type { CouponUse } from '../coupons/coupon-use.ts';
import type { NoteUse } from '../credit-notes/use-notes.ts';
import type { InvoiceFee } from '../fees/fee.ts';
import type { Currency } from '../money/currency.ts';
import type { Decimal } from '../money/decimal.ts';
import type { InvoiceAppliedTax } from '../taxes/tax.ts';
import type { InvoiceEffect } from './invoice-effects.ts';
import type { InvoiceDates } from './invoice-dates.ts';
import type { InvoiceType } from './invoice-policy.ts';
import type { FinalStatus, PaymentStatus, TaxStatus } from './invoice-status.ts';
import type { PlanInvoicingReason } from './invoicing-reason.ts';
import type { InvoiceTotals } from './totals.ts';

/** A subscription on a calculated invoice with what it is billed for; windows are inclusive at both ends. */
export interface InvoicedSubscription {
  readonly subscriptionId: string;
  /** The billing instant B. */
  readonly timestamp: Date;
  /** Whether the periodic run made it. */
  readonly recurring: boolean;
  readonly invoicingReason: PlanInvoicingReason | 'in_advance_charge' | 'in_advance_charge_periodic';
  readonly fromDatetime: Date | null;
  readonly toDatetime: Date | null;
  readonly chargesFromDatetime: Date | null;
  readonly chargesToDatetime: Date | null;
  readonly fixedChargesFromDatetime: Date | null;
  readonly fixedChargesToDatetime: Date | null;
}

/** A complete invoice, but for its id and number: what is saved, shown as a preview, or explained. */
export interface CalculatedInvoice extends InvoiceTotals, InvoiceDates {
  readonly invoiceType: InvoiceType;
  readonly currency: Currency;
  readonly timezone: string;
  /** `pending`: it waits for an answer, and the steps after it are still to be taken. */
  readonly status: 'draft' | 'pending' | FinalStatus;
  readonly paymentStatus: PaymentStatus;
  /** What was paid of it before it was made; absent: nothing. */
  readonly paidAmountCents?: bigint;
  readonly taxStatus: TaxStatus;
  readonly appliedTaxes: readonly InvoiceAppliedTax[];
  /** Percent. */
  readonly taxesRate: Decimal;
  /** Days; both are what the dates were computed with. */
  readonly netPaymentTerm: number;
  readonly appliedGracePeriod: number;
  readonly subscriptions: readonly InvoicedSubscription[];
  /** For each subscription its subscription fee, then its usage fees in the order of the charges. */
  readonly fees: readonly InvoiceFee[];
  /** What coupons took off it, in their order: a credit each. */
  readonly couponUses: readonly CouponUse[];
  /** What credit notes paid of it, in their order: a credit each. */
  readonly noteUses: readonly NoteUse[];
  /** What follows from it, in this order. */
  readonly effects: readonly InvoiceEffect[];
}
