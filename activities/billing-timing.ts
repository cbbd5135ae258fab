import { createHash } from 'node:crypto';

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
export function dueMoment(dutyAt: Date, customerId: string, hasTestClock: boolean, timing: BillingTiming): Date {
  if (hasTestClock) return dutyAt;
  const seconds = timing.delaySeconds + offsetOf(customerId, timing.spreadSeconds);
  return new Date(dutyAt.getTime() + seconds * 1000);
}
