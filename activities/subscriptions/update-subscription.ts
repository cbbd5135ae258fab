import type { EntityManager } from '@mikro-orm/postgresql';
import { chainFrom } from '../../billing/subscriptions/subscription-chain.ts';
import { localDate } from '../../billing/calendar/local-date.ts';
import { notAllowed } from '../../billing/refusal.ts';
import { changedTerms, type SubscriptionChanges } from '../../billing/subscriptions/subscription-changes.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import type { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { billingEntityIdOf, type NamedBillingEntity } from '../../db/queries/organizations/billing-entities.ts';
import { usageStart } from '../../db/queries/usage/usage-start.ts';
import { activateId } from './activate-act.ts';
import type { MeantSubscription } from '../../db/queries/subscriptions/meant-subscription.ts';
import type { BillingScope } from '../command-scope.ts';
import { wantEarlierCharges } from '../instant-charges/want-instant-charges.ts';
import { announceSubscription } from '../webhooks/announce.ts';
import { actsOfStart } from './activate-subscription.ts';
import { startAfterService } from './create-subscription.ts';
import { holdSubscription } from './hold-subscription.ts';
import { rescheduleCustomer } from './reschedule-periods.ts';

export interface UpdateSubscription extends MeantSubscription {
  readonly billingEntity: NamedBillingEntity;
  readonly changes: Omit<SubscriptionChanges, 'billingEntityId'>;
}

/**
 * Changes a subscription in the caller's transaction (spec, subscriptions-and-invoices 2.7). One that has not begun and
 * whose start moves into the past begins.
 *
 * @returns the acts it wrote.
 * @throws Refusal 404; 405 `subscription_incomplete`; 422 `lock_acquisition_failed`, and as `changedTerms`.
 */
export async function updateSubscription(
  em: EntityManager,
  scope: BillingScope,
  command: UpdateSubscription,
): Promise<{ readonly subscription: Subscription; readonly acts: readonly WantedAct[] }> {
  const held = await holdSubscription(em, command, { orTheOnlyOne: true });
  const { subscription, customer, plan, timeZone } = held;
  const { now, timing, hasTestClock } = scope;
  if (subscription.status === 'incomplete') throw notAllowed('subscription_incomplete');
  const billingEntityId = await billingEntityIdOf(em, command.billingEntity);
  const changes = { ...command.changes, ...(billingEntityId !== null && { billingEntityId }) };
  const changed = changedTerms(subscription, changes, { plan, timeZone, now });
  em.assign(subscription, { ...changed, updatedAt: now });
  await em.flush();
  const { subscriptionAt = null } = changed;
  const begins = subscription.status === 'pending' && subscriptionAt !== null && subscriptionAt <= now;
  if (!begins) {
    const acts = await rescheduleCustomer(em, customer, now, timing);
    // A start that has only moved says nothing (spec, subscriptions-and-invoices 2.7).
    if (subscriptionAt === null) await announceSubscription(em, subscription, now, ['subscription.updated']);
    return { subscription, acts };
  }
  const startedAt = await startAfterService(em, subscription);
  em.assign(subscription, { status: 'active', startedAt, activatedAt: now });
  subscription.usageFrom = await usageStart(em, subscription);
  await em.flush();
  const isToday = localDate(subscriptionAt, timeZone).equals(localDate(now, timeZone));
  const chain = chainFrom(held.chain, startedAt);
  const started = { ...held, chain, now, hasTestClock, timing, billsStart: isToday };
  const acts = await actsOfStart(em, started);
  await wantActs(em, acts, now);
  await wantEarlierCharges(em, subscription, now);
  await finishActs(em, [activateId(subscription.id)]);
  await announceSubscription(em, subscription, now, ['subscription.updated']);
  return { subscription, acts };
}
