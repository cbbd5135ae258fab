import { DAY_MILLISECONDS, dateOfEpochDay } from './epoch-day.ts';

/**
 * Days before its end on which a subscription's end is announced, unless configured (spec, subscriptions-and-invoices
 * 2.12).
 */
export const DEFAULT_ALERT_DAYS: readonly number[] = [15, 45];

export type TerminationAlerts = {
  readonly endingAt: Date | null;
  /** How many days before the end; whole and positive. */
  readonly alertDays: readonly number[];
  /** 'YYYY-MM-DD' UTC dates whose alert was sent, or dropped for good. */
  readonly sentAlertDates: readonly string[];
  /**
   * When `endingAt` got its present value (the creation, or the update that set it). An alert whose day was over by
   * then never was due. A caller that wants no late alerts at all gives the present instant.
   */
  readonly alertsSince: Date;
};

/** An alert's UTC date 'YYYY-MM-DD' and its first instant. */
export type TerminationAlert = { readonly alertDate: string; readonly dueAt: Date };

/**
 * The oldest alert that was not sent, or null. Alerts count in UTC dates, unlike the ending itself: one is due on the
 * day that is N days before the UTC date of `endingAt` (spec, subscriptions-and-invoices 2.12).
 */
export function nextTerminationAlert(alerts: TerminationAlerts): TerminationAlert | null {
  if (alerts.endingAt === null) return null;
  const endingDay = utcDay(alerts.endingAt);
  const firstDay = utcDay(alerts.alertsSince);
  const due = alerts.alertDays
    .map((daysBefore) => endingDay - daysBefore)
    .filter((day) => day >= firstDay && !alerts.sentAlertDates.includes(dateOfEpochDay(day).toString()));
  if (due.length === 0) return null;
  const day = Math.min(...due);
  return { alertDate: dateOfEpochDay(day).toString(), dueAt: new Date(day * DAY_MILLISECONDS) };
}

function utcDay(instant: Date): number {
  return Math.floor(instant.getTime() / DAY_MILLISECONDS);
}
