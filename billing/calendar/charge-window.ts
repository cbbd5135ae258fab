import { monthlyRule } from './billing-day.ts';
import { endOfLocalDay, localDate, startOfLocalDay } from './local-date.ts';
import type { PlainDate } from './local-date.ts';
import { periodEnd, periodLength, periodStart } from './period.ts';
import type { PeriodRule } from './period.ts';
import { beginningOf, chargesAreMonthly, fixedChargesAreMonthly, planRule } from './subscription-terms.ts';
import type { ServiceTerms } from './subscription-terms.ts';
import { startAfterTimeZoneChange } from './time-zone-change.ts';
import type { InvoicedWindow } from './time-zone-change.ts';

/** A stretch of service: inclusive UTC instants, and the days of the whole period it lies in. */
export type Window = { readonly from: Date; readonly to: Date; readonly days: number };

/** The two kinds of charges whose windows follow the same rules, each with its monthly flag. */
export type ChargeKind = 'charges' | 'fixedCharges';

/** The periods of a kind of charges: months when the plan bills them monthly, else the plan's. */
export function chargeRule(terms: ServiceTerms, kind: ChargeKind, plan: PeriodRule): PeriodRule {
  const monthly = kind === 'charges' ? chargesAreMonthly(terms) : fixedChargesAreMonthly(terms);
  return monthly ? monthlyRule(plan) : plan;
}

/**
 * The part of a period in which a subscription is served: from the exact instant service began to the instant it ended,
 * after the last invoiced window if the time zone changed (spec, subscriptions-and-invoices 3.2.3, 3.2.5). A part that
 * ended before service began ends where it starts.
 *
 * @param startedAt when what is billed began (`beginningOf`)
 */
export function chargeWindow(
  terms: ServiceTerms,
  startedAt: Date,
  timeZone: string,
  period: { readonly start: PlainDate; readonly rule: PeriodRule; readonly last: InvoicedWindow | null },
): Window {
  const { start, rule, last } = period;
  const periodDays = periodLength(start, rule);
  const from = later(startOfLocalDay(start, timeZone), startedAt);
  const end = endOfLocalDay(periodEnd(start, rule), timeZone);
  const cut = terms.status === 'terminated' ? earlier(end, terms.terminatedAt) : end;
  return {
    from: startAfterTimeZoneChange({ from, startedAt, timeZone, periodDays }, last),
    to: later(cut, startedAt),
    days: periodDays,
  };
}

/**
 * The running period of a kind of charges: what current usage is read for, and what fixed charges in advance are billed
 * for (spec, subscriptions-and-invoices 2.9, 4.4, 7.3). Null while pending.
 *
 * @param at an instant of the period; not before service began
 */
export function currentWindow(
  terms: ServiceTerms,
  timeZone: string,
  at: Date,
  kind: ChargeKind,
  last: InvoicedWindow | null = null,
): Window | null {
  if (terms.startedAt === null) return null;
  const rule = chargeRule(terms, kind, planRule(terms, timeZone));
  const start = periodStart(localDate(at, timeZone), rule);
  return chargeWindow(terms, beginningOf(kind, terms, terms.startedAt), timeZone, { start, rule, last });
}

/** The earlier of two instants; null is never. */
export function earlier(instant: Date, other: Date | null): Date {
  return other !== null && other.getTime() < instant.getTime() ? other : instant;
}

/** The later of two instants. */
export function later(instant: Date, other: Date): Date {
  return other.getTime() > instant.getTime() ? other : instant;
}
