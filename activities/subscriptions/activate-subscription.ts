import type { EntityManager } from '@mikro-orm/postgresql';
import { localDate, startOfLocalDay } from '../../billing/calendar/local-date.ts';
import { isInTrial } from '../../billing/calendar/trial.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { chainFrom, type SubscriptionChain } from '../../billing/subscriptions/subscription-chain.ts';
import { trialEndOf } from '../../billing/subscriptions/terms-of.ts';
import { waitIfLater } from '../../db/acts/own-moment.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import type { Plan } from '../../db/entities/plans/plan.ts';
import type { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { subscriptionContext } from '../../db/queries/subscriptions/subscription-context.ts';
import { usageStart } from '../../db/queries/usage/usage-start.ts';
import { wantEarlierCharges } from '../instant-charges/want-instant-charges.ts';
import { announceSubscription } from '../webhooks/announce.ts';
import type { BillingTiming } from '../billing-timing.ts';
import { doLocked, done, ended, type Busy, type Done, type Ended } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { nextPeriodAct } from './next-period.ts';
import { activateAct, type ActivateArgument } from './activate-act.ts';
import { firstInvoiceAct } from './first-invoice-act.ts';

export type ActivateOutcome =
  | { readonly outcome: 'activated' }
  /** It was started, canceled or deleted meanwhile. */
  | { readonly outcome: 'superseded' }
  | { readonly outcome: 'moved'; readonly dueAt: string };

/**
 * The act that starts a pending subscription: on the first instant of its local day (spec, subscriptions-and-invoices
 * 2.4).
 */
export function startOfPending(subscription: Subscription, timeZone: string, hasTestClock: boolean): WantedAct {
  return activateAct({
    organizationId: subscription.organizationId,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    hasTestClock,
    dueAt: startOfLocalDay(localDate(subscription.subscriptionAt, timeZone), timeZone),
  });
}

export interface StartedSubscription {
  readonly subscription: Subscription;
  readonly plan: Plan;
  readonly chain: SubscriptionChain;
  readonly customer: Customer;
  readonly timeZone: string;
  readonly now: Date;
  readonly hasTestClock: boolean;
  readonly timing: BillingTiming;
  /**
   * Whether its first period is billed now where the plan is paid in advance: not for a start in the past (spec,
   * subscriptions-and-invoices 2.3).
   */
  readonly billsStart: boolean;
}

/**
 * What follows from a subscription that has just become active, in the running transaction: the act of its period, the
 * first invoice of a plan in advance unless it is in trial, and the webhook (spec, subscriptions-and-invoices 2.4).
 *
 * @returns the acts to write; the first invoice's comes first.
 */
export async function actsOfStart(em: EntityManager, started: StartedSubscription): Promise<WantedAct[]> {
  const { subscription, plan, chain, customer, now, hasTestClock, timing, billsStart } = started;
  const trialEnd = trialEndOf(subscription, plan, chain);
  const paysNow = plan.payInAdvance && billsStart && (trialEnd === null || !isInTrial(now, trialEnd));
  const start = firstInvoiceAct({
    organizationId: customer.organizationId,
    customerId: customer.id,
    subscriptionId: subscription.id,
    at: now,
    hasTestClock,
  });
  const period = nextPeriodAct(started, timing);
  await announceSubscription(em, subscription, now, ['subscription.started']);
  return [...(paysNow ? [start] : []), ...(period ? [period] : [])];
}

/**
 * Starts a subscription that was made for a later day (spec, subscriptions-and-invoices 2.4). May run any number of
 * times.
 */
export const activateSubscription = (
  dependencies: ActivityDependencies,
  argument: ActivateArgument,
): Promise<ActivateOutcome | Busy> =>
  doLocked<ActivateOutcome>(dependencies, 'activate', { outcome: 'superseded' }, argument, (em) =>
    activate(em, dependencies, argument),
  );

async function activate(
  em: EntityManager,
  { realTime, timing }: ActivityDependencies,
  argument: ActivateArgument,
): Promise<Done<ActivateOutcome> | Ended<ActivateOutcome>> {
  const { actId, organizationId, subscriptionId } = argument;
  const context = await subscriptionContext(em, organizationId, subscriptionId, 'change');
  const { subscription, timeZone, clockNow } = context;
  const hasTestClock = clockNow !== null;
  const now = clockNow ?? realTime();
  if (subscription.status !== 'pending') {
    await finishActs(em, [actId]);
    return ended({ outcome: 'superseded' });
  }
  const dueAt = startOfPending(subscription, timeZone, hasTestClock).dueAt!;
  if (dueAt > now) {
    await waitIfLater(em, argument, now, { dueAt });
    return ended({ outcome: 'moved', dueAt: dueAt.toISOString() });
  }
  em.assign(subscription, { status: 'active', startedAt: now, activatedAt: now, updatedAt: now });
  subscription.usageFrom = await usageStart(em, subscription);
  await em.flush();
  const chain = chainFrom(context.chain, now);
  const acts = await actsOfStart(em, { ...context, chain, now, hasTestClock, timing, billsStart: true });
  await wantActs(em, acts, now, { startedBy: 'dispatcher' });
  await wantEarlierCharges(em, subscription, now);
  await finishActs(em, [actId]);
  return done({ outcome: 'activated' });
}
