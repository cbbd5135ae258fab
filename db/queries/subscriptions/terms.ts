import type { DutyFacts } from '../../../billing/calendar/next-duty.ts';
import type { SubscriptionTerms } from '../../../billing/calendar/subscription-terms.ts';
import { hasTrial, trialEnd } from '../../../billing/calendar/trial.ts';
import type { Plan } from '../../entities/plan.ts';
import type { Subscription } from '../../entities/subscription.ts';

/** What the calendar must know of a subscription, from its rows. */
export function termsOf(subscription: Subscription, plan: Plan, hasCharges: boolean): SubscriptionTerms {
  return {
    interval: plan.interval,
    payInAdvance: plan.payInAdvance,
    billChargesMonthly: plan.billChargesMonthly ?? false,
    billFixedChargesMonthly: plan.billFixedChargesMonthly ?? false,
    hasCharges,
    hasFixedCharges: false,
    billingTime: subscription.billingTime,
    subscriptionAt: subscription.subscriptionAt,
    startedAt: subscription.startedAt ?? null,
    usageFrom: subscription.usageFrom ?? null,
    terminatedAt: subscription.terminatedAt ?? null,
    status: subscription.status,
    next: null,
  };
}

/**
 * When the trial of a subscription ends, exclusive; null: its plan has none, or it has not started.
 *
 * @param initialStart the earliest start among the customer's subscriptions with its external id; null: its own.
 */
export function trialEndOf(subscription: Subscription, plan: Plan, initialStart: Date | null): Date | null {
  const days = plan.trialPeriod?.toNumber() ?? null;
  const start = initialStart ?? subscription.startedAt ?? null;
  return hasTrial(days) && start !== null ? trialEnd(start, days) : null;
}

export interface DutyContext {
  readonly timeZone: string;
  /** As in `trialEndOf`. */
  readonly initialStart: Date | null;
  /** Days before the end on which it is announced. */
  readonly alertDays: readonly number[];
}

/** What decides what a subscription's period workflow waits for. */
export function dutyFactsOf(
  subscription: Subscription,
  plan: Plan,
  { timeZone, initialStart, alertDays }: DutyContext,
): DutyFacts {
  return {
    ...termsOf(subscription, plan, true),
    timeZone,
    createdAt: subscription.createdAt,
    endingAt: subscription.endingAt ?? null,
    alertDays,
    sentAlertDates: subscription.terminationAlertDates,
    alertsSince: subscription.endingSetAt ?? subscription.createdAt,
    trialPeriodDays: plan.trialPeriod?.toNumber() ?? null,
    trialEndedAt: subscription.trialEndedAt ?? null,
    initialStart,
    hasPendingNext: false,
    lastBillingDay: subscription.lastBillingDay ?? null,
  };
}
