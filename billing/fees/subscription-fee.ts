import { dayPrice } from '../calendar/day-price.ts';
import { days } from '../calendar/days.ts';
import { isFirstMonthOfFirstPeriod, isFirstMonthOfPeriod } from '../calendar/first-month.ts';
import { isBefore, localDate } from '../calendar/local-date.ts';
import { isSplitPlan, isTerminatedBy, planRule } from '../calendar/subscription-terms.ts';
import type { SubscriptionTerms } from '../calendar/subscription-terms.ts';
import { isFeeSuppressedByTrial } from '../calendar/trial.ts';
import { centsToAmount, roundToCents } from '../money/cents.ts';
import type { Currency } from '../money/currency.ts';
import { Decimal, PRECISE_DIGITS, roundHalfAwayFromZero, ZERO } from '../money/decimal.ts';
import type { PlanInvoicingReason } from '../invoices/invoicing-reason.ts';
import type { FeeAmounts } from './fee.ts';

/**
 * What decides on the subscription fee of one subscription on one invoice. "Older" is what existed before this invoice
 * was created: the refresh of a draft must not look at later ones (spec, decisions). What was on an invoice that is now
 * voided or deleted counts: neither makes a period due again (spec, subscriptions-and-invoices 15.38).
 */
export interface SubscriptionFeeFacts {
  readonly terms: SubscriptionTerms;
  /** The customer's IANA time zone. */
  readonly timeZone: string;
  /** The billing instant B; of a missed day, the first instant of that local day. */
  readonly billingInstant: Date;
  readonly invoicingReason: PlanInvoicingReason;
  /** The fee window, both ends inclusive; null while the subscription is pending. */
  readonly window: FeeWindow | null;
  readonly planAmountCents: bigint;
  readonly currency: Currency;
  /** Exclusive; null: the plan has no trial. */
  readonly trialEnd: Date | null;
  readonly subscriptionCreatedAt: Date;
  /** How this subscription followed the one before it; null: there was none. */
  readonly previous: null | 'upgrade' | 'downgrade';
  /** Whether an older invoice has a subscription fee of this subscription. */
  readonly hasOlderFee: boolean;
  /**
   * Whether another invoice has a subscription fee of it for the same local day of B; not the original of a
   * regeneration.
   */
  readonly hasFeeOfSameDay: boolean;
}

export interface FeeWindow {
  readonly from: Date;
  readonly to: Date;
}

/** The numbers of a subscription fee. */
export interface SubscriptionFee extends FeeAmounts {
  /** The plan's amount at this time; later credit notes are computed from it, not from the plan. */
  readonly planAmountCents: bigint;
}

const ONE = new Decimal(1);

/**
 * The subscription fee of an invoice, or null if there is none (spec, subscriptions-and-invoices 5.1, 5.2). A fee of 0,
 * for a period that lies within the trial, is a fee.
 */
export function subscriptionFee(facts: SubscriptionFeeFacts): SubscriptionFee | null {
  const { window, planAmountCents, currency } = facts;
  if (window === null || !isDue(facts)) return null;
  const preciseAmountCents = roundHalfAwayFromZero(amountOf(facts, window), PRECISE_DIGITS);
  // Rounded from those 15 digits: what a division lost in its last digit must not decide about half a cent.
  const amountCents = roundToCents(preciseAmountCents);
  return {
    units: ONE,
    amountCents,
    preciseAmountCents,
    unitAmountCents: amountCents,
    preciseUnitAmount: centsToAmount(amountCents, currency),
    planAmountCents,
  };
}

function isDue(facts: SubscriptionFeeFacts): boolean {
  const { terms, billingInstant, trialEnd, timeZone } = facts;
  if (terms.status === 'pending' || terms.status === 'canceled') return false;
  if (terms.payInAdvance && facts.hasFeeOfSameDay) return false;
  if (!terms.payInAdvance && facts.invoicingReason === 'subscription_starting') return false;
  if (trialEnd !== null && isFeeSuppressedByTrial(billingInstant, trialEnd, timeZone)) return false;
  if (isSplitPlan(terms) && !isDueOnSplitInvoice(facts)) return false;
  // The spec asks whether the termination is later than the invoice. The same by their instants: a termination after B
  // is not seen by this invoice, whenever it was created. A last invoice has no fee in advance, also where it bills
  // nothing but the period that closed before the day of the end (3.4).
  const isLast = facts.invoicingReason === 'subscription_terminating' || isTerminatedBy(terms, billingInstant);
  return !terms.payInAdvance || !isLast;
}

// 5.1 b. "Never billed" is read as: no subscription fee yet. An invoice with nothing but the usage of a trial is not
// one.
function isDueOnSplitInvoice(facts: SubscriptionFeeFacts): boolean {
  const { terms, billingInstant, timeZone } = facts;
  const [day, rule] = [localDate(billingInstant, timeZone), planRule(terms, timeZone)];
  const isFirstMonth = isFirstMonthOfPeriod(day, rule);
  if (!terms.payInAdvance) return isFirstMonth || isTerminatedBy(terms, billingInstant);
  if (isBackdated(facts)) return isFirstMonth && !isFirstMonthOfFirstPeriod(day, rule);
  return isFirstMonth || !facts.hasOlderFee;
}

/**
 * Unrounded cents. The spec's cases 2 and 4, after an upgrade and the first period, are one: it compares the trial by
 * its instant in the one and by its day in the other, but as any part of a day counts as a day the number of days is
 * the same.
 */
function amountOf(facts: SubscriptionFeeFacts, window: FeeWindow): Decimal {
  const payableFrom = startOfPayable(window, facts.trialEnd);
  if (payableFrom === null) return ZERO;
  if (isEndedInArrears(facts)) return prorated(facts, window, payableFrom, facts.terms.next === 'upgrade' ? 1 : 0);
  const isWhole = payableFrom === window.from && isFullPeriod(facts, window);
  return isWhole ? new Decimal(facts.planAmountCents) : prorated(facts, window, payableFrom, 0);
}

// 5.2.1. At a downgrade the period was complete.
function isEndedInArrears({ terms, billingInstant }: SubscriptionFeeFacts): boolean {
  return !terms.payInAdvance && terms.next !== 'downgrade' && isTerminatedBy(terms, billingInstant);
}

// 5.2.3
function isFullPeriod(facts: SubscriptionFeeFacts, window: FeeWindow): boolean {
  const { terms, previous } = facts;
  if (facts.hasOlderFee) return true;
  if (previous === 'upgrade') return false;
  if (terms.payInAdvance && terms.billingTime === 'anniversary' && previous === null) return true;
  return isBackdated(facts) && (terms.payInAdvance || isStartedBeforeDayOf(window.from, facts));
}

function isBackdated(facts: SubscriptionFeeFacts): boolean {
  return isStartedBeforeDayOf(facts.subscriptionCreatedAt, facts);
}

function isStartedBeforeDayOf(instant: Date, { terms, timeZone }: SubscriptionFeeFacts): boolean {
  return terms.startedAt !== null && isBefore(localDate(terms.startedAt, timeZone), localDate(instant, timeZone));
}

/** Where the payable part of a window begins; null if the trial takes all of it. */
function startOfPayable(window: FeeWindow, trialEnd: Date | null): Date | null {
  if (trialEnd === null || trialEnd <= window.from) return window.from;
  return trialEnd < window.to ? trialEnd : null;
}

/**
 * The days from a moment to the end of the window, less some, at the price of a day of the period that the window is
 * in.
 */
function prorated(facts: SubscriptionFeeFacts, window: FeeWindow, from: Date, less: number): Decimal {
  const { terms, timeZone, planAmountCents } = facts;
  const price = dayPrice(planAmountCents, localDate(window.from, timeZone), planRule(terms, timeZone));
  return price.times(Math.max(days(from, window.to, timeZone) - less, 0));
}
