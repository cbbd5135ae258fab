import { billingBase } from './billing-day.ts';
import { chargeRule, chargeWindow, earlier, later } from './charge-window.ts';
import type { ChargeKind, Window } from './charge-window.ts';
import { isFirstMonthOfPeriod } from './first-month.ts';
import { endOfLocalDay, localDate, startOfLocalDay } from './local-date.ts';
import type { PlainDate } from './local-date.ts';
import { periodEnd, periodLength, periodStart } from './period.ts';
import type { PeriodRule } from './period.ts';
import {
  beginningOf,
  chargesAreMonthly,
  fixedChargesAreMonthly,
  isTerminatedBy,
  planRule,
} from './subscription-terms.ts';
import type { SubscriptionTerms } from './subscription-terms.ts';
import type { InvoicedWindow } from './time-zone-change.ts';

export { isTerminatedBy } from './subscription-terms.ts';
export type { SubscriptionTerms } from './subscription-terms.ts';

/**
 * The three windows of a subscription on an invoice. All bounds are inclusive UTC instants in milliseconds, on the
 * edges of the customer's local days unless a start, a termination or a change of time zone cuts them. A window that
 * lies before service began is empty: it ends where it starts.
 */
export type Windows = {
  /** The subscription fee's: from the local day service began, not from its hour. */
  readonly from: Date | null;
  readonly to: Date | null;
  /** Usage charges', from the exact instant service began; both null when this invoice bills none. */
  readonly chargesFrom: Date | null;
  readonly chargesTo: Date | null;
  /** Fixed charges' in arrears; both null when this invoice bills none. */
  readonly fixedChargesFrom: Date | null;
  readonly fixedChargesTo: Date | null;
  /**
   * Days of the whole period (of the month when billed monthly) that each window lies in; 0 where the window is null.
   */
  readonly durationDays: number;
  readonly chargesDurationDays: number;
  readonly fixedChargesDurationDays: number;
};

export type BoundaryOptions = {
  /**
   * True for reads of current usage, progressive billing and the terminated side of an upgrade: the running period.
   * False for periodic, starting and terminating runs and the terminated side of a downgrade.
   */
  readonly currentUsage: boolean;
  /**
   * The newest invoiced window of each kind that ended before this one; null when there is none. Not a progressive
   * invoice's: its window is that of the period still running. It only matters when the time zone changed in between.
   */
  readonly lastWindows: Readonly<Record<ChargeKind, InvoicedWindow | null>> | null;
};

/**
 * What a subscription is billed for at an instant (spec, subscriptions-and-invoices 3.2). A termination without a next
 * subscription has one more rule: use `terminationWindows` for it. While pending every window is null.
 *
 * @param timeZone the customer's IANA time zone
 * @param at the billing instant `B`; of a missed day, the first instant of that local day
 */
export function boundaries(terms: SubscriptionTerms, timeZone: string, at: Date, options: BoundaryOptions): Windows {
  const { startedAt } = terms;
  if (startedAt === null) return toWindows(null, null, null);
  const isTerminated = isTerminatedBy(terms, at);
  // Of a subscription that has ended the day of its end counts: an upgrade that is billed a second later may fall into
  // the next period, and the one just used would be lost.
  const day = localDate(isTerminated ? earlier(at, terms.terminatedAt) : at, timeZone);
  const plan = planRule(terms, timeZone);
  const billing = { terms, startedAt, timeZone, day, plan, isTerminated, options };
  return toWindows(feeWindow(billing), windowOf('charges', billing), windowOf('fixedCharges', billing));
}

type Billing = {
  readonly terms: SubscriptionTerms;
  readonly startedAt: Date;
  readonly timeZone: string;
  readonly day: PlainDate;
  readonly plan: PeriodRule;
  readonly isTerminated: boolean;
  readonly options: BoundaryOptions;
};

/** Step 2: in advance the period that begins or runs, in arrears the one that ended. */
function feeWindow({ terms, startedAt, timeZone, day, plan, isTerminated, options }: Billing): Window {
  const isRunning = options.currentUsage || terms.payInAdvance || (isTerminated && terms.next !== 'downgrade');
  const start = periodStart(isRunning ? day : billingBase(day, plan), plan);
  const from = startOfLocalDay(start, timeZone);
  const end = endOfLocalDay(periodEnd(start, plan), timeZone);
  return {
    from: from.getTime() < startedAt.getTime() ? startOfLocalDay(localDate(startedAt, timeZone), timeZone) : from,
    to: later(isTerminated ? earlier(end, terms.terminatedAt) : end, startedAt),
    days: periodLength(start, plan),
  };
}

/** Steps 3 and 4: the period that ended, or the running one when it ends with the subscription. */
function windowOf(kind: ChargeKind, billing: Billing): Window | null {
  if (isLeftToAnotherMonth(kind, billing)) return null;
  const { terms, startedAt, timeZone, day, plan, isTerminated, options } = billing;
  const rule = chargeRule(terms, kind, plan);
  const endsWithoutNext = isTerminated && terms.next === null;
  const endsInArrears = isTerminated && terms.next === 'upgrade' && !terms.payInAdvance;
  const isRunning = options.currentUsage || endsWithoutNext || endsInArrears;
  const start = periodStart(isRunning ? day : billingBase(day, rule), rule);
  return chargeWindow(terms, beginningOf(kind, terms, startedAt), timeZone, {
    start,
    rule,
    last: options.lastWindows?.[kind] ?? null,
  });
}

/**
 * A plan that bills only one kind monthly bills the other in the first month of its period, and on the terminating
 * invoice: nothing later would bill what was used since the period began.
 */
function isLeftToAnotherMonth(kind: ChargeKind, { terms, day, plan, isTerminated, options }: Billing): boolean {
  const charges = chargesAreMonthly(terms);
  const fixedCharges = fixedChargesAreMonthly(terms);
  const isLeftOut = kind === 'charges' ? fixedCharges && !charges && !options.currentUsage : charges && !fixedCharges;
  if (!isLeftOut || isFirstMonthOfPeriod(day, plan)) return false;
  const planHasThem = kind === 'charges' ? terms.hasCharges : terms.hasFixedCharges;
  return !(isTerminated && planHasThem);
}

function toWindows(fee: Window | null, charges: Window | null, fixedCharges: Window | null): Windows {
  return {
    from: fee?.from ?? null,
    to: fee?.to ?? null,
    chargesFrom: charges?.from ?? null,
    chargesTo: charges?.to ?? null,
    fixedChargesFrom: fixedCharges?.from ?? null,
    fixedChargesTo: fixedCharges?.to ?? null,
    durationDays: fee?.days ?? 0,
    chargesDurationDays: charges?.days ?? 0,
    fixedChargesDurationDays: fixedCharges?.days ?? 0,
  };
}
