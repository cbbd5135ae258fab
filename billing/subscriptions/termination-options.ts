import type { SubscriptionStatus } from '../calendar/subscription-terms.ts';
import { invalid } from '../refusal.ts';

/** Whether the unused part of a plan in advance is given back, and how (spec, subscriptions-and-invoices 2.11). */
export const TERMINATION_CREDIT_NOTES = ['credit', 'refund', 'offset', 'skip'] as const;
export type TerminationCreditNote = (typeof TERMINATION_CREDIT_NOTES)[number];

/** Whether what was used after the last period that has closed is billed; `skip`: it is not. */
export const TERMINATION_INVOICES = ['generate', 'skip'] as const;

/** What a request says about the termination; null: nothing. Any text, until it is known to whom it is said. */
export interface AskedTermination {
  readonly creditNote: string | null;
  readonly invoice: string | null;
}

/** What is to be stored; absent: it stays. */
export interface TerminationOptions {
  readonly onTerminationCreditNote?: TerminationCreditNote;
  readonly onTerminationInvoice?: string;
}

/**
 * What is to happen when the subscription ends; credit notes are for plans in advance only (spec,
 * subscriptions-and-invoices 2.7, 2.11). Once it has ended they say what happened, and stay: its last invoice is made
 * by them, and made again if it is a draft.
 *
 * `{creditNote: 'refund', invoice: 'skip'}` for a running subscription of a plan in arrears -> `{onTerminationInvoice:
 * 'skip'}`.
 *
 * @throws Refusal 422 `invalid_value` on the option.
 */
export function terminationOptions(
  { creditNote, invoice }: AskedTermination,
  { status }: { readonly status: SubscriptionStatus },
  { payInAdvance }: { readonly payInAdvance: boolean },
): TerminationOptions {
  if (creditNote !== null && !isOneOf(TERMINATION_CREDIT_NOTES, creditNote)) {
    throw invalid({ on_termination_credit_note: ['invalid_value'] });
  }
  if (invoice !== null && !isOneOf(TERMINATION_INVOICES, invoice)) {
    throw invalid({ on_termination_invoice: ['invalid_value'] });
  }
  if (isOver(status)) return {};
  return {
    ...(creditNote !== null && payInAdvance && { onTerminationCreditNote: creditNote }),
    ...(invoice !== null && { onTerminationInvoice: invoice }),
  };
}

/** Whether a subscription has ended for good (spec, subscriptions-and-invoices 2.10). */
export const isOver = (status: SubscriptionStatus): boolean => status === 'terminated' || status === 'canceled';

const isOneOf = <Value extends string>(values: readonly Value[], value: string): value is Value =>
  values.some((one) => one === value);
