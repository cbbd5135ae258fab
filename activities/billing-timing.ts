import { createHash } from 'node:crypto';

/** When after its end a period is billed; both 0 for test-mode organizations. */
export interface BillingTiming {
  /** Room for late events. */
  readonly delaySeconds: number;
  /** Customers that fall due together are spread over this time. */
  readonly spreadSeconds: number;
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
});
