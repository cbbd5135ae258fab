import { boundaries, type Windows } from '../calendar/boundaries.ts';
import type { SubscriptionTerms } from '../calendar/subscription-terms.ts';
import { dueDayOfTermination, terminationWindows } from '../calendar/termination-windows.ts';
import type { UsagePeriod } from '../usage/usage-period.ts';
import type { BillingHistory } from './billing-history.ts';
import type { PlannedInvoice, PlannedLine } from './planned-invoice.ts';

/**
 * What an invoice bills of one of its subscriptions (spec, subscriptions-and-invoices 3.2, and 3.4 for one that ends).
 *
 * Monthly from 1 March in arrears, billed on 1 April: the fee and the usage of 1 to 31 March.
 */
export function invoicedWindows(
  { subscription, invoicingReason }: PlannedLine,
  terms: SubscriptionTerms,
  { lastWindows, claimedElsewhere }: BillingHistory,
  { timeZone, billingInstant }: PlannedInvoice,
): Windows {
  if (invoicingReason !== 'subscription_terminating' || terms.status !== 'terminated') {
    return boundaries(terms, timeZone, billingInstant, { currentUsage: false, lastWindows });
  }
  const termination = {
    terms,
    timeZone,
    createdAt: subscription.createdAt,
    lastBillingDay: subscription.lastBillingDay ?? null,
    lastWindows,
  };
  const due = dueDayOfTermination(termination);
  return terminationWindows(termination, due !== null && claimedElsewhere.includes(due.periodKey));
}

/**
 * The usage that an invoice bills of one of its subscriptions, both ends inclusive; null: none. A starting invoice is
 * made before there can be usage, or at the end of a trial for the fee alone.
 *
 * Ended on 5 April at noon, where another subscription's usage begins: to a millisecond before noon.
 */
export function invoicedUsage(
  { subscription, invoicingReason }: PlannedLine,
  { chargesFrom: from, chargesTo, chargesDurationDays: days }: Windows,
  { endsWhereAnotherBegins, chain }: BillingHistory,
  { timeZone }: Pick<PlannedInvoice, 'timeZone'>,
): UsagePeriod | null {
  if (invoicingReason === 'subscription_starting' || from === null || chargesTo === null) return null;
  // An event of that instant belongs to the one that begins (spec, decisions).
  const isShared = endsWhereAnotherBegins && subscription.terminatedAt?.getTime() === chargesTo.getTime();
  const to = isShared ? new Date(chargesTo.getTime() - 1) : chargesTo;
  const isEndedByUpgrade = invoicingReason === 'subscription_terminating' && chain.next === 'upgrade';
  return { from, to, days, timeZone, isEndedByUpgrade };
}
