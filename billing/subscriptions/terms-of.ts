import type { DutyFacts } from '../calendar/next-duty.ts';
import type { ServiceTerms, SubscriptionTerms } from '../calendar/subscription-terms.ts';
import { hasTrial, trialEnd } from '../calendar/trial.ts';
import type { PlanFacts, SubscriptionFacts } from './subscription-facts.ts';
import type { SubscriptionChain } from './subscription-chain.ts';

/** Whether a plan has usage charges, and fixed charges. */
export type PlanContents = Pick<SubscriptionTerms, 'hasCharges' | 'hasFixedCharges'>;

/** What decides on the periods of a subscription, which neither its plan's charges nor another subscription change. */
export const serviceTermsOf = (subscription: Omit<SubscriptionFacts, 'id'>, plan: PlanFacts): ServiceTerms => ({
  interval: plan.interval,
  payInAdvance: plan.payInAdvance,
  billChargesMonthly: plan.billChargesMonthly ?? false,
  billFixedChargesMonthly: plan.billFixedChargesMonthly ?? false,
  billingTime: subscription.billingTime,
  subscriptionAt: subscription.subscriptionAt,
  startedAt: subscription.startedAt ?? null,
  usageFrom: subscription.usageFrom ?? null,
  terminatedAt: subscription.terminatedAt ?? null,
  status: subscription.status,
});

/** What decides on the windows of a subscription's invoices. */
export const termsOf = (
  subscription: Omit<SubscriptionFacts, 'id'>,
  plan: PlanFacts,
  { hasCharges, hasFixedCharges }: PlanContents,
  { next }: Pick<SubscriptionChain, 'next'>,
): SubscriptionTerms => ({ ...serviceTermsOf(subscription, plan), hasCharges, hasFixedCharges, next });

/**
 * When the trial of a subscription ends, exclusive; null: its plan has none, or it has not started.
 *
 * 30 days from 1 March at noon, for a customer who first had the plan on 15 February at noon: 17 March at noon.
 */
export function trialEndOf(
  subscription: Pick<SubscriptionFacts, 'startedAt'>,
  plan: Pick<PlanFacts, 'trialPeriod'>,
  { initialStart }: Pick<SubscriptionChain, 'initialStart'>,
): Date | null {
  const days = plan.trialPeriod?.toNumber() ?? null;
  const start = initialStart ?? subscription.startedAt ?? null;
  return hasTrial(days) && start !== null ? trialEnd(start, days) : null;
}

export interface DutyContext {
  /** The customer's. */
  readonly timeZone: string;
  readonly chain: SubscriptionChain;
  /** Days before the end on which it is announced. */
  readonly alertDays: readonly number[];
}

/** What decides what a subscription's period workflow waits for. */
export const dutyFactsOf = (
  subscription: SubscriptionFacts,
  plan: PlanFacts,
  { timeZone, chain, alertDays }: DutyContext,
): DutyFacts => ({
  ...serviceTermsOf(subscription, plan),
  timeZone,
  createdAt: subscription.createdAt,
  endingAt: subscription.endingAt ?? null,
  alertDays,
  sentAlertDates: subscription.terminationAlertDates,
  alertsSince: subscription.endingSetAt ?? subscription.createdAt,
  trialPeriodDays: plan.trialPeriod?.toNumber() ?? null,
  trialEndedAt: subscription.trialEndedAt ?? null,
  initialStart: chain.initialStart,
  hasPendingNext: chain.hasPendingNext,
  lastBillingDay: subscription.lastBillingDay ?? null,
});
