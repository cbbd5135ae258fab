import { billingBase, billingRule, isBillingDay, periodKey } from './billing-day.ts';
import { epochDay } from './epoch-day.ts';
import { isBefore, laterOf, localDate, startOfLocalDay } from './local-date.ts';
import type { PlainDate } from './local-date.ts';
import { nextPeriodStart, periodLength, periodStart } from './period.ts';
import type { PeriodRule } from './period.ts';
import { isSplitPlan, planRule } from './subscription-terms.ts';
import type { ServiceTerms } from './subscription-terms.ts';

/** A billing day on which a subscription is due, once: the claim of the period it closes is keyed by `periodKey`. */
export type DueDay = {
  /** 'YYYY-MM-DD' in the customer's time zone. */
  readonly billingDay: string;
  readonly periodKey: string;
  /** The first instant of the billing day: the `B` of its windows (spec, subscriptions-and-invoices 4.5). */
  readonly dueAt: Date;
  /** False on the days of a split plan inside its period: no subscription fee, no rotation to the next plan. */
  readonly beginsPlanPeriod: boolean;
};

/** When a subscription began to be served, and when its row was created. */
export type Beginning = { readonly startedAt: Date; readonly createdAt: Date };

/**
 * The first due day strictly after `lastBillingDay` (null: none was billed yet) and after the local days on which
 * service began and the row was created: a subscription is never billed on its first day, and a backdated one bills
 * nothing for its past (spec, subscriptions-and-invoices 4.1, 4.5).
 */
export function nextDueDay(
  terms: ServiceTerms,
  beginning: Beginning,
  timeZone: string,
  lastBillingDay: PlainDate | null,
): DueDay {
  const plan = planRule(terms, timeZone);
  const rule = billingRule(plan, { monthly: isSplitPlan(terms) });
  const beginningDay = firstDay(beginning, timeZone);
  const after = lastBillingDay === null ? beginningDay : laterOf(beginningDay, lastBillingDay);
  const day = nextPeriodStart(after, rule);
  const due = repeatsLastBillingDay(day, lastBillingDay, rule) ? nextPeriodStart(day, rule) : day;
  return toDueDay(due, plan, rule, timeZone);
}

/** The due day that a local date is, or null when nothing is left to bill on it. */
export function dueDayOn(
  date: PlainDate,
  terms: ServiceTerms,
  beginning: Beginning,
  timeZone: string,
  lastBillingDay: PlainDate | null,
): DueDay | null {
  const plan = planRule(terms, timeZone);
  const rule = billingRule(plan, { monthly: isSplitPlan(terms) });
  const isDue =
    isBefore(firstDay(beginning, timeZone), date) &&
    periodStart(date, rule).equals(date) &&
    !repeatsLastBillingDay(date, lastBillingDay, rule);
  return isDue ? toDueDay(date, plan, rule, timeZone) : null;
}

/**
 * Whether a billing day is the last one again. When a customer moves east, the anchor may become a later date there:
 * billed on the 15th, the month would be billed once more on the 16th. A billing day within half a period of the last
 * one is left out; the windows of the next go on where the last ones ended.
 */
function repeatsLastBillingDay(day: PlainDate, lastBillingDay: PlainDate | null, rule: PeriodRule): boolean {
  if (lastBillingDay === null) return false;
  const daysSince = epochDay(day) - epochDay(lastBillingDay);
  return daysSince < periodLength(billingBase(day, rule), rule) / 2;
}

function firstDay({ startedAt, createdAt }: Beginning, timeZone: string): PlainDate {
  return laterOf(localDate(startedAt, timeZone), localDate(createdAt, timeZone));
}

function toDueDay(day: PlainDate, plan: PeriodRule, rule: PeriodRule, timeZone: string): DueDay {
  return {
    billingDay: day.toString(),
    // The rule is the one billed by already, so there is nothing left to split.
    periodKey: periodKey(day, rule, { monthly: false }),
    dueAt: startOfLocalDay(day, timeZone),
    beginsPlanPeriod: isBillingDay(day, plan, { monthly: false }),
  };
}
