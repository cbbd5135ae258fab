import { boundaries } from './boundaries.ts';
import type { BoundaryOptions, Windows } from './boundaries.ts';
import { dueDayOn } from './due-day.ts';
import type { DueDay } from './due-day.ts';
import { localDate, parseLocalDate } from './local-date.ts';
import { chargesAreMonthly, fixedChargesAreMonthly } from './subscription-terms.ts';
import type { Continuation, ServiceTerms, SubscriptionTerms } from './subscription-terms.ts';

/** An end of service. `createdAt` is that of the subscription's row. */
export type ServiceEnd = {
  /** As they are after the end: terminated at `terminatedAt`. */
  readonly terms: ServiceTerms & Continuation;
  readonly createdAt: Date;
  readonly timeZone: string;
  /** The billing day 'YYYY-MM-DD' up to which everything is billed; null: none yet. */
  readonly lastBillingDay: string | null;
};

/** A termination without a next subscription. */
export type Termination = ServiceEnd & {
  readonly terms: SubscriptionTerms;
  readonly lastWindows: BoundaryOptions['lastWindows'];
};

/**
 * The due day on which a subscription is terminated, or null when nothing is left to bill on that day. Unless the
 * period it closes (`periodKey`) is billed already, the terminating invoice takes it over and claims its key (spec,
 * subscriptions-and-invoices 3.4, 13.3). Null, too, for a subscription whose next one is there: an upgrade has the due
 * day billed first.
 */
export function dueDayOfTermination(end: ServiceEnd): DueDay | null {
  const { terms, createdAt, timeZone, lastBillingDay } = end;
  const { startedAt, terminatedAt } = terms;
  if (terms.next !== null || startedAt === null || terminatedAt === null) return null;
  const last = lastBillingDay === null ? null : parseLocalDate(lastBillingDay);
  return dueDayOn(localDate(terminatedAt, timeZone), terms, { startedAt, createdAt }, timeZone, last);
}

/**
 * The windows of a terminating invoice at `terminatedAt`. Terminated on a due day whose period was not billed yet:
 * those of the regular period, so that it is billed by this invoice, with what was used and held on the day of the end;
 * else the running period up to the termination (spec, subscriptions-and-invoices 3.4). Throws a RangeError for terms
 * that are not terminated.
 *
 * An example, monthly from 5 March and ended on 5 April at noon: the fee is that of 5 March to 4 April, the usage ends
 * on 5 April at noon. The days that a proration divides by and into stay those of the closed period: the day of the end
 * makes nothing dearer.
 *
 * @param isClosedPeriodBilled whether the period of `dueDayOfTermination` has its claim; of no account when that is
 * null
 */
export function terminationWindows(termination: Termination, isClosedPeriodBilled: boolean): Windows {
  const { terms, timeZone, lastWindows } = termination;
  const { status, terminatedAt } = terms;
  if (status !== 'terminated' || terminatedAt === null) throw new RangeError(`not terminated: ${status}`);
  const options = { currentUsage: false, lastWindows };
  const running = boundaries(terms, timeZone, terminatedAt, options);
  const due = isClosedPeriodBilled ? null : dueDayOfTermination(termination);
  if (due === null) return running;
  const asActive: SubscriptionTerms = { ...terms, status: 'active', terminatedAt: null };
  const regular = boundaries(asActive, timeZone, terminatedAt, options);
  return untilTheEnd(due.beginsPlanPeriod ? regular : withClosedMonth(running, regular, terms), terminatedAt);
}

/** The day of the end is billed with the period that closes before it: nothing later would bill what was used on it. */
function untilTheEnd(windows: Windows, terminatedAt: Date): Windows {
  return {
    ...windows,
    ...(windows.chargesTo !== null && { chargesTo: terminatedAt }),
    ...(windows.fixedChargesTo !== null && { fixedChargesTo: terminatedAt }),
  };
}

/**
 * A split plan that ends on a due day inside its period closes a month of what is billed monthly. The fee and the rest,
 * which the regular invoice would leave to a month that never comes, are billed since the period began (as in 3.2.3).
 */
function withClosedMonth(running: Windows, regular: Windows, terms: SubscriptionTerms): Windows {
  const { chargesFrom, chargesTo, chargesDurationDays } = regular;
  const { fixedChargesFrom, fixedChargesTo, fixedChargesDurationDays } = regular;
  return {
    ...running,
    ...(chargesAreMonthly(terms) && { chargesFrom, chargesTo, chargesDurationDays }),
    ...(fixedChargesAreMonthly(terms) && { fixedChargesFrom, fixedChargesTo, fixedChargesDurationDays }),
  };
}
