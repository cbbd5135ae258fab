import { addDays } from '../calendar/epoch-day.ts';
import type { PlainDate } from '../calendar/local-date.ts';

/** Which day a periodic invoice bears. */
export type IssuingDateAnchor = 'next_period_start' | 'current_period_end';

/** Whether the issuing date moves to the day on which the invoice becomes final. */
export type IssuingDateAdjustment = 'align_with_finalization_date' | 'keep_anchor';

/** The settings that decide on the dates: those of a billing entity, or what applies to a customer. */
export interface InvoiceDateSettings {
  /** Days, 0 or more. */
  readonly invoiceGracePeriod: number;
  /** Days, 0 or more. */
  readonly netPaymentTerm: number;
  readonly subscriptionInvoiceIssuingDateAnchor: IssuingDateAnchor;
  readonly subscriptionInvoiceIssuingDateAdjustment: IssuingDateAdjustment;
}

/** A customer's own settings; null inherits, 0 does not. */
export type CustomerDateSettings = {
  readonly [Setting in keyof InvoiceDateSettings]: InvoiceDateSettings[Setting] | null;
};

/** What the dates depend on besides the settings. */
export interface InvoiceOccasion {
  /** The day on which the invoice is made, in the customer's zone; for a missed due day, the day it is made up. */
  readonly day: PlainDate;
  /**
   * Whether it bills subscriptions on their own occasions: neither a one-off or other type, nor a charge paid in
   * advance.
   */
  readonly hasGracePeriod: boolean;
  /** Whether the periodic run made it. */
  readonly recurring: boolean;
}

export interface InvoiceDates {
  readonly issuingDate: PlainDate;
  readonly paymentDueDate: PlainDate;
  /** The day on which a draft is finalized. */
  readonly expectedFinalizationDate: PlainDate;
}

/**
 * What applies to a customer: its own settings, else those of the billing entity (spec, subscriptions-and-invoices
 * 11.1).
 */
export function dateSettings(customer: CustomerDateSettings, billingEntity: InvoiceDateSettings): InvoiceDateSettings {
  return {
    invoiceGracePeriod: customer.invoiceGracePeriod ?? billingEntity.invoiceGracePeriod,
    netPaymentTerm: customer.netPaymentTerm ?? billingEntity.netPaymentTerm,
    subscriptionInvoiceIssuingDateAnchor:
      customer.subscriptionInvoiceIssuingDateAnchor ?? billingEntity.subscriptionInvoiceIssuingDateAnchor,
    subscriptionInvoiceIssuingDateAdjustment:
      customer.subscriptionInvoiceIssuingDateAdjustment ?? billingEntity.subscriptionInvoiceIssuingDateAdjustment,
  };
}

/**
 * The dates of a new invoice, in the customer's calendar (spec, subscriptions-and-invoices 6.5, "Dates at creation").
 */
export function invoiceDates(occasion: InvoiceOccasion, settings: InvoiceDateSettings): InvoiceDates {
  const issuingDate = addDays(occasion.day, issuingDateOffset(occasion, settings));
  return {
    issuingDate,
    paymentDueDate: paymentDueDate(issuingDate, settings.netPaymentTerm),
    expectedFinalizationDate: addDays(occasion.day, occasion.hasGracePeriod ? settings.invoiceGracePeriod : 0),
  };
}

/**
 * Days from the day of an invoice to its issuing date. When a customer's settings change, its drafts move by the
 * difference of the new and the old offset (spec, subscriptions-and-invoices 6.5, 6.6).
 */
export function issuingDateOffset(
  occasion: Pick<InvoiceOccasion, 'hasGracePeriod' | 'recurring'>,
  settings: InvoiceDateSettings,
): number {
  const gracePeriod = settings.invoiceGracePeriod;
  if (!occasion.hasGracePeriod) return 0;
  if (!occasion.recurring) return gracePeriod;
  const toAnchor = settings.subscriptionInvoiceIssuingDateAnchor === 'current_period_end' ? -1 : 0;
  const keepsAnchor = settings.subscriptionInvoiceIssuingDateAdjustment === 'keep_anchor' || gracePeriod === 0;
  return keepsAnchor ? toAnchor : gracePeriod;
}

/**
 * The dates of a draft, or of an invoice that waited for its taxes, when it becomes final: it is issued on that day,
 * unless it is periodic and keeps its anchor, and the due date follows (spec, subscriptions-and-invoices 6.5).
 * @param today in the customer's zone
 */
export function datesWhenFinalized(
  dates: InvoiceDates,
  occasion: Pick<InvoiceOccasion, 'recurring'>,
  settings: InvoiceDateSettings,
  today: PlainDate,
): InvoiceDates {
  const keepsAnchor = occasion.recurring && settings.subscriptionInvoiceIssuingDateAdjustment === 'keep_anchor';
  const issuingDate = keepsAnchor ? dates.issuingDate : today;
  return { ...dates, issuingDate, paymentDueDate: paymentDueDate(issuingDate, settings.netPaymentTerm) };
}

/** The last day to pay in time (spec, subscriptions-and-invoices 6.5). */
export function paymentDueDate(issuingDate: PlainDate, netPaymentTerm: number): PlainDate {
  return addDays(issuingDate, netPaymentTerm);
}
