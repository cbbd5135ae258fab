import { addDays } from '../calendar/epoch-day.ts';
import type { PlainDate } from '../calendar/local-date.ts';
import { invoiceDates, type InvoiceDates, type InvoiceDateSettings } from './invoice-dates.ts';

/** What a draft says of its dates, and the settings that they were computed with. */
export interface DatedDraft extends InvoiceDates {
  /** Days. */
  readonly netPaymentTerm: number;
  /** Days: the grace period that the dates were computed with. */
  readonly appliedGracePeriod: number;
  /** Whether the periodic run made it. */
  readonly recurring: boolean;
}

/**
 * The day on which a draft was made, in the customer's calendar. It follows from the dates, so that neither a change of
 * time zone nor a clock that was moved since makes it another day.
 */
export const dayOfDraft = (draft: Pick<DatedDraft, 'expectedFinalizationDate' | 'appliedGracePeriod'>): PlainDate =>
  addDays(draft.expectedFinalizationDate, -draft.appliedGracePeriod);

/**
 * A draft's dates by other settings than it was made with (spec, subscriptions-and-invoices 6.6). Its dates move by the
 * difference of the new and the old offset; as both are counted from the day on which it was made, that is what the
 * dates of a new invoice of that day would be, however often the settings have changed between (S048, S049).
 */
export function draftDates(draft: DatedDraft, settings: InvoiceDateSettings): DatedDraft {
  const { recurring } = draft;
  return {
    ...invoiceDates({ day: dayOfDraft(draft), hasGracePeriod: true, recurring }, settings),
    netPaymentTerm: settings.netPaymentTerm,
    appliedGracePeriod: settings.invoiceGracePeriod,
    recurring,
  };
}

/** Whether a change of settings has come to a draft: nothing of it is left to be moved. */
export function hasDates(draft: DatedDraft, dates: DatedDraft): boolean {
  return (
    draft.netPaymentTerm === dates.netPaymentTerm &&
    draft.appliedGracePeriod === dates.appliedGracePeriod &&
    draft.issuingDate.equals(dates.issuingDate) &&
    draft.paymentDueDate.equals(dates.paymentDueDate) &&
    draft.expectedFinalizationDate.equals(dates.expectedFinalizationDate)
  );
}
