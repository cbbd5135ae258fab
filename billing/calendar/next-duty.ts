import { nextDueDay } from './due-day.ts';
import { isBefore, localDate, parseLocalDate } from './local-date.ts';
import type { PlainDate } from './local-date.ts';
import type { ServiceTerms } from './subscription-terms.ts';
import { nextTerminationAlert } from './termination-alert.ts';
import type { TerminationAlerts } from './termination-alert.ts';
import { hasTrial, trialEnd } from './trial.ts';

/** Everything that decides what a subscription's period workflow waits for. */
export type DutyFacts = ServiceTerms &
  TerminationAlerts & {
    /** The customer's IANA time zone. */
    readonly timeZone: string;
    /** Of the subscription's row: a backdated one has no due day on or before it. */
    readonly createdAt: Date;
    readonly trialPeriodDays: number | null;
    readonly trialEndedAt: Date | null;
    /** The earliest start among the customer's subscriptions with this external id; null: this one's own. */
    readonly initialStart: Date | null;
    /** Whether a next subscription is pending: a downgrade that waits for the end of the plan's period. */
    readonly hasPendingNext: boolean;
    /** The billing day 'YYYY-MM-DD' up to which everything is billed; null: none yet. */
    readonly lastBillingDay: string | null;
  };

/**
 * What is next for a subscription. `dueAt` is a UTC instant before any billing delay, and the `B` of what is done then,
 * however late. `billingDay` is the customer's, `alertDate` UTC's, both 'YYYY-MM-DD'.
 */
export type Duty = { readonly kind: 'none' } | DutyWithinPeriod | ClosingDuty;

export type DutyWithinPeriod =
  | { readonly kind: 'termination_alert'; readonly dueAt: Date; readonly alertDate: string }
  | { readonly kind: 'trial_end'; readonly dueAt: Date }
  | { readonly kind: 'ending'; readonly dueAt: Date };

/** What closes a period. */
export type ClosingDuty = {
  readonly kind: 'bill_period' | 'rotate';
  readonly dueAt: Date;
  readonly billingDay: string;
  readonly periodKey: string;
};

export const closesPeriod = (duty: Duty): duty is ClosingDuty => duty.kind === 'bill_period' || duty.kind === 'rotate';

/** A duty and the local day it falls on, by which the duties that move money are ordered. */
type DatedDuty = { readonly day: PlainDate; readonly duty: Exclude<Duty, { kind: 'none' }> };

/**
 * The oldest duty of a subscription that is not done, due in the future or long ago; only an active one has any. By
 * local day, and within a day the ending, then the period or rotation, then the end of the trial (spec,
 * subscriptions-and-invoices 4.5). So on the day of `ending_at` nothing but the ending happens (4.1.4). Each call is
 * one step: do the duty, record it, ask again.
 */
export function nextDuty(facts: DutyFacts): Duty {
  const { startedAt } = facts;
  if (facts.status !== 'active') return { kind: 'none' };
  if (startedAt === null) throw new RangeError('an active subscription has a start');
  const closing = endingOrPeriod(facts, startedAt);
  const trial = endOfTrial(facts, startedAt);
  const { duty } = trial !== null && isBefore(trial.day, closing.day) ? trial : closing;
  const alert = nextTerminationAlert(facts);
  if (alert !== null && alert.dueAt.getTime() < duty.dueAt.getTime()) return { kind: 'termination_alert', ...alert };
  return duty;
}

function endingOrPeriod(facts: DutyFacts, startedAt: Date): DatedDuty {
  const { endingAt, timeZone } = facts;
  const period = periodDuty(facts, startedAt);
  if (endingAt === null) return period;
  const endingDay = localDate(endingAt, timeZone);
  return isBefore(period.day, endingDay) ? period : { day: endingDay, duty: { kind: 'ending', dueAt: endingAt } };
}

/**
 * A pending downgrade takes over where a plan period begins; the days of a split plan before that are billed as ever
 * (2.6).
 */
function periodDuty(facts: DutyFacts, startedAt: Date): DatedDuty {
  const last = facts.lastBillingDay === null ? null : parseLocalDate(facts.lastBillingDay);
  const due = nextDueDay(facts, { startedAt, createdAt: facts.createdAt }, facts.timeZone, last);
  const kind = facts.hasPendingNext && due.beginsPlanPeriod ? 'rotate' : 'bill_period';
  return {
    day: parseLocalDate(due.billingDay),
    duty: { kind, dueAt: due.dueAt, billingDay: due.billingDay, periodKey: due.periodKey },
  };
}

function endOfTrial(facts: DutyFacts, startedAt: Date): DatedDuty | null {
  if (!hasTrial(facts.trialPeriodDays) || facts.trialEndedAt !== null) return null;
  const dueAt = trialEnd(facts.initialStart ?? startedAt, facts.trialPeriodDays);
  return { day: localDate(dueAt, facts.timeZone), duty: { kind: 'trial_end', dueAt } };
}
