import { Temporal } from 'temporal-polyfill/implementation';
import { addDays, epochDay } from './epoch-day.ts';
import type { Interval } from './interval.ts';
import type { PlainDate } from './local-date.ts';

/** Whether periods follow the calendar (the 1st, Monday) or the anniversary of the subscription's anchor. */
export type BillingTime = 'calendar' | 'anniversary';

/**
 * What cuts the calendar into billing periods. The anchor is the local date of `subscription_at`, never of `started_at`
 * (spec, subscriptions-and-invoices 3.1); calendar periods ignore it.
 */
export type PeriodRule = {
  readonly interval: Interval;
  readonly billingTime: BillingTime;
  readonly anchor: PlainDate;
};

/** Months of a period of each interval that is counted in months. */
const MONTHS: Readonly<Record<Exclude<Interval, 'weekly'>, number>> = {
  monthly: 1,
  quarterly: 3,
  semiannual: 6,
  yearly: 12,
};
const MONDAY = 1;

/** The first day of the period that contains a local date (spec, subscriptions-and-invoices 3.1). */
export function periodStart(date: PlainDate, rule: PeriodRule): PlainDate {
  if (rule.interval === 'weekly') {
    const weekday = rule.billingTime === 'calendar' ? MONDAY : rule.anchor.dayOfWeek;
    return addDays(date, -((date.dayOfWeek - weekday + 7) % 7));
  }
  const step = MONTHS[rule.interval];
  const anchorMonth = rule.billingTime === 'calendar' ? 0 : rule.anchor.month - 1;
  const month = monthNumber(date);
  const candidate = month - ((month - anchorMonth) % step);
  const hasBegun = candidate < month || date.day >= startDay(candidate, rule);
  return startInMonth(hasBegun ? candidate : candidate - step, rule);
}

/** The last day, inclusive, of the period that starts on a day. Throws a RangeError when no period starts there. */
export function periodEnd(start: PlainDate, rule: PeriodRule): PlainDate {
  if (!periodStart(start, rule).equals(start)) {
    throw new RangeError(
      `no ${rule.billingTime} ${rule.interval} period of ${rule.anchor.toString()} starts on ${start.toString()}`,
    );
  }
  return addDays(startAfter(start, rule), -1);
}

/** The first day of the period after the one that contains a date. */
export function nextPeriodStart(date: PlainDate, rule: PeriodRule): PlainDate {
  return startAfter(periodStart(date, rule), rule);
}

/**
 * Days of the whole period that contains a date, also when the subscription started inside it: what prices are divided
 * by (spec, subscriptions-and-invoices 3.1, 3.5).
 */
export function periodLength(date: PlainDate, rule: PeriodRule): number {
  if (rule.interval === 'weekly') return 7;
  const start = periodStart(date, rule);
  return epochDay(startAfter(start, rule)) - epochDay(start);
}

/** The start of the next period, from the start of one. */
function startAfter(start: PlainDate, rule: PeriodRule): PlainDate {
  if (rule.interval === 'weekly') return addDays(start, 7);
  return startInMonth(monthNumber(start) + MONTHS[rule.interval], rule);
}

/** Months since January of the year 0. */
function monthNumber(date: PlainDate): number {
  return date.year * 12 + date.month - 1;
}

/** Always clamped from the anchor's own day, so that a short month never drags the later periods. */
function startDay(month: number, rule: PeriodRule): number {
  return rule.billingTime === 'calendar' ? 1 : Math.min(rule.anchor.day, daysInMonth(month));
}

function startInMonth(month: number, rule: PeriodRule): PlainDate {
  return new Temporal.PlainDate(Math.floor(month / 12), (month % 12) + 1, startDay(month, rule));
}

function daysInMonth(month: number): number {
  // Day 0 of the next month is the last day of this one.
  return new Date(Date.UTC(Math.floor(month / 12), (month % 12) + 1, 0)).getUTCDate();
}
