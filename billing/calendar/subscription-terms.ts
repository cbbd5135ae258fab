import type { Interval } from './interval.ts';
import { localDate } from './local-date.ts';
import type { BillingTime, PeriodRule } from './period.ts';

export type SubscriptionStatus = 'pending' | 'active' | 'terminated' | 'canceled' | 'incomplete';

/** What decides on a subscription's periods: its own dates and its plan. Instants have milliseconds. */
export type ServiceTerms = {
  readonly interval: Interval;
  readonly payInAdvance: boolean;
  /** The plan's own flags; they are effective only for yearly and semiannual plans. */
  readonly billChargesMonthly: boolean;
  readonly billFixedChargesMonthly: boolean;
  readonly billingTime: BillingTime;
  /** The anchor, inherited by upgrades and downgrades. */
  readonly subscriptionAt: Date;
  /** When service began; null while pending. */
  readonly startedAt: Date | null;
  /**
   * The first instant of its usage, where an earlier subscription with its external id ended after its start: an event
   * is billed to one of them (spec, decisions). Absent or null: usage begins with service.
   */
  readonly usageFrom?: Date | null;
  readonly terminatedAt: Date | null;
  readonly status: SubscriptionStatus;
};

/** What comes after a subscription. */
export type Continuation = {
  /** The next subscription that is not canceled, by yearly amount against this one. */
  readonly next: null | 'upgrade' | 'downgrade';
};

/** What decides on the windows of its invoices. */
export type SubscriptionTerms = ServiceTerms &
  Continuation & {
    /**
     * Whether the plan has usage charges, fixed charges: a terminating invoice gives those of a split plan a window.
     */
    readonly hasCharges: boolean;
    readonly hasFixedCharges: boolean;
  };

/** When the usage or the fixed charges of a subscription that began at an instant begin. */
export function beginningOf(kind: 'charges' | 'fixedCharges', terms: ServiceTerms, startedAt: Date): Date {
  const { usageFrom = null } = terms;
  return kind === 'charges' && usageFrom !== null && usageFrom > startedAt ? usageFrom : startedAt;
}

/** The periods of the plan: its interval, anchored on the local date of `subscription_at`. */
export function planRule(terms: ServiceTerms, timeZone: string): PeriodRule {
  return {
    interval: terms.interval,
    billingTime: terms.billingTime,
    anchor: localDate(terms.subscriptionAt, timeZone),
  };
}

/** Whether the plan's usage is billed each month although its fee is not. */
export function chargesAreMonthly(terms: ServiceTerms): boolean {
  return terms.billChargesMonthly && canBeSplit(terms.interval);
}

/** Whether the plan's fixed charges are billed each month although its fee is not. */
export function fixedChargesAreMonthly(terms: ServiceTerms): boolean {
  return terms.billFixedChargesMonthly && canBeSplit(terms.interval);
}

/** Whether the plan is split: it bills something each month although its fee is not. */
export function isSplitPlan(terms: ServiceTerms): boolean {
  return chargesAreMonthly(terms) || fixedChargesAreMonthly(terms);
}

function canBeSplit(interval: Interval): boolean {
  return interval === 'yearly' || interval === 'semiannual';
}

/**
 * Whether a subscription is terminated by a billing instant: the `T` of spec, subscriptions-and-invoices 3.2, compared
 * in whole seconds. An invoice of an earlier day, refreshed after the termination, is not.
 */
export function isTerminatedBy(terms: ServiceTerms, at: Date): boolean {
  const { status, terminatedAt } = terms;
  return status === 'terminated' && terminatedAt !== null && wholeSecond(terminatedAt) <= wholeSecond(at);
}

function wholeSecond(instant: Date): number {
  return Math.round(instant.getTime() / 1000);
}
