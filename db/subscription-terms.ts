import type { SubscriptionTerms } from '../billing/calendar/subscription-terms.ts';
import type { DutyFacts } from '../billing/calendar/next-duty.ts';
import type { Plan } from './entities/plan.ts';
import type { Subscription } from './entities/subscription.ts';

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
    terminatedAt: subscription.terminatedAt ?? null,
    status: subscription.status,
    next: null,
  };
}

/** What decides what a subscription's period workflow waits for. */
export function dutyFactsOf(subscription: Subscription, plan: Plan, timeZone: string, hasCharges: boolean): DutyFacts {
  return {
    ...termsOf(subscription, plan, hasCharges),
    timeZone,
    createdAt: subscription.createdAt,
    endingAt: subscription.endingAt ?? null,
    alertDays: [],
    sentAlertDates: [],
    alertsSince: subscription.createdAt,
    trialPeriodDays: plan.trialPeriod?.toNumber() ?? null,
    trialEndedAt: subscription.trialEndedAt ?? null,
    initialStart: null,
    hasPendingNext: false,
    lastBillingDay: subscription.lastBillingDay ?? null,
  };
}
