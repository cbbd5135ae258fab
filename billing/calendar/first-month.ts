import { monthlyRule } from './billing-day.ts';
import type { PlainDate } from './local-date.ts';
import { periodStart } from './period.ts';
import type { PeriodRule } from './period.ts';

/**
 * Whether a local date lies in the first month of its plan period: where a split plan bills what it does not bill
 * monthly, and its subscription fee (spec, subscriptions-and-invoices 3.3, 5.1). A week has no months: always true.
 */
export function isFirstMonthOfPeriod(date: PlainDate, rule: PeriodRule): boolean {
  if (rule.interval === 'weekly') return true;
  return periodStart(date, monthlyRule(rule)).equals(periodStart(date, rule));
}

/**
 * Whether a local date lies in the first month of the plan period that contains the anchor, for which a backdated plan
 * in advance bills no fee (spec, subscriptions-and-invoices 3.3, 5.1 b).
 */
export function isFirstMonthOfFirstPeriod(date: PlainDate, rule: PeriodRule): boolean {
  return isFirstMonthOfPeriod(date, rule) && periodStart(date, rule).equals(periodStart(rule.anchor, rule));
}
