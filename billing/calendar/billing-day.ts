import { addDays } from './epoch-day.ts';
import type { PlainDate } from './local-date.ts';
import { periodStart } from './period.ts';
import type { PeriodRule } from './period.ts';

/** `monthly`: the plan is yearly or semiannual and bills its usage or its fixed charges each month. */
export type SplitBilling = { readonly monthly: boolean };

/** The same anchor, cut into months: by this rule a split plan bills (spec, subscriptions-and-invoices 3.2.3). */
export function monthlyRule(rule: PeriodRule): PeriodRule {
  return { interval: 'monthly', billingTime: rule.billingTime, anchor: rule.anchor };
}

/** The rule that decides the billing days: by months for a split plan, else by the plan's interval. */
export function billingRule(rule: PeriodRule, { monthly }: SplitBilling): PeriodRule {
  return monthly ? monthlyRule(rule) : rule;
}

/**
 * Whether a subscription is billed on a local date: the first day of a period, or of a month of a split plan. This is
 * the table of rule 6 in one line, its day rule and its 28 February included (spec, subscriptions-and-invoices 4.1).
 */
export function isBillingDay(date: PlainDate, rule: PeriodRule, split: SplitBilling): boolean {
  return periodStart(date, billingRule(rule, split)).equals(date);
}

/**
 * A date in the period before the one that contains `date`: the `base` of spec, subscriptions-and-invoices 3.2.1, whose
 * periodStart alone matters. On every billing day it is the period just ended, as there. Taken from the period, not as
 * "one interval earlier": 30 May less a month is 30 April, still the running period of an anchor on the 31st, and a
 * plan that started on that day would bill usage of a period that has not ended.
 */
export function billingBase(date: PlainDate, rule: PeriodRule): PlainDate {
  return addDays(periodStart(date, rule), -1);
}

/**
 * The label 'YYYY-MM-DD' of what a billing day closes: the first day of the period, or of the month of a split plan,
 * that ended the day before. It depends on anchor and interval alone, so neither a change of time zone nor a late run
 * nor the eleven equal fee windows of a split plan can give two rows one key, or one row two (spec,
 * subscriptions-and-invoices 13.3).
 */
export function periodKey(day: PlainDate, rule: PeriodRule, split: SplitBilling): string {
  const closing = billingRule(rule, split);
  return periodStart(billingBase(day, closing), closing).toString();
}
