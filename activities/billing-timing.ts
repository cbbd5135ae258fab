import { createHash } from 'node:crypto';
import { DEFAULT_ALERT_DAYS } from '../billing/calendar/termination-alert.ts';

/** Announcements of one end at most. */
const MAX_ALERTS = 20;

/** When what is due is done. Delay and spread are 0 for test-mode organizations. */
export interface BillingTiming {
  /** Room for late events. */
  readonly delaySeconds: number;
  /** Customers that fall due together are spread over this time. */
  readonly spreadSeconds: number;
  /** Days before its end on which a subscription's end is announced. */
  readonly alertDays: readonly number[];
}

/** A customer's share of the spread, in whole seconds, always the same one. */
function offsetOf(customerId: string, spreadSeconds: number): number {
  if (spreadSeconds <= 0) return 0;
  return createHash('sha256').update(customerId).digest().readUInt32BE() % spreadSeconds;
}

/**
 * The moment of the organization's clock at which a duty of a customer is done.
 *
 * @param dutyAt the moment of the duty itself, for example the first instant of the billing day.
 */
export function dueMoment(dutyAt: Date, customerId: string, frozen: boolean, timing: BillingTiming): Date {
  if (frozen) return dutyAt;
  const seconds = timing.delaySeconds + offsetOf(customerId, timing.spreadSeconds);
  return new Date(dutyAt.getTime() + seconds * 1000);
}

const secondsOf = (text: string | undefined, otherwise: number, name: string): number => {
  const seconds = text === undefined || text === '' ? otherwise : Number(text);
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > 86_400) {
    throw new Error(`${name} must be a whole number of seconds from 0 to 86400, not "${text}".`);
  }
  return seconds;
};

/** Reads the timing from the environment. @throws Error that names the variable. */
export const billingTiming = (environment: NodeJS.ProcessEnv): BillingTiming => ({
  delaySeconds: secondsOf(environment['DURABILL_BILLING_DELAY_SECONDS'], 300, 'DURABILL_BILLING_DELAY_SECONDS'),
  spreadSeconds: secondsOf(environment['DURABILL_BILLING_SPREAD_SECONDS'], 0, 'DURABILL_BILLING_SPREAD_SECONDS'),
  alertDays: daysOf(environment),
});

/** Spec, subscriptions-and-invoices 2.12; the reference's name of the variable is understood too. */
function daysOf(environment: NodeJS.ProcessEnv): readonly number[] {
  const name = ['DURABILL_TERMINATION_ALERT_DAYS', 'LAGO_SUBSCRIPTION_TERMINATION_ALERT_SENT_AT_DAYS'].find(
    (candidate) => environment[candidate],
  );
  if (name === undefined) return DEFAULT_ALERT_DAYS;
  const days = (environment[name] ?? '').split(',').map(Number);
  if (days.length > MAX_ALERTS || !days.every((day) => Number.isInteger(day) && day > 0 && day <= 3650)) {
    throw new Error(
      `${name} must be a list of at most ${MAX_ALERTS} numbers of days such as 15,45, not "${environment[name]}".`,
    );
  }
  return days;
}
