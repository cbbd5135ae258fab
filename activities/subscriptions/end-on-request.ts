import type { EntityManager } from '@mikro-orm/postgresql';
import { invalid, notFound } from '../../billing/refusal.ts';
import { terminationOptions, type AskedTermination } from '../../billing/subscriptions/termination-options.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import type { MeantSubscription } from '../../db/queries/subscriptions/meant-subscription.ts';
import type { BillingScope } from '../command-scope.ts';
import { billMissedDays } from './bill-missed-days.ts';
import { endSubscription } from './end-subscription.ts';
import { holdSubscription } from './hold-subscription.ts';

export interface EndSubscription extends MeantSubscription {
  readonly termination: AskedTermination;
}

/** Statuses in which a subscription can be ended, or is told why it cannot. */
const ENDABLE: ReadonlySet<string> = new Set(['active', 'pending', 'incomplete']);

/**
 * Ends an active subscription, or cancels one that has not begun (spec, subscriptions-and-invoices 2.11). Missed
 * billing days before today are made up first, each in a transaction of its own (4.5).
 *
 * @param em in no transaction but its request's: it opens some.
 * @throws Refusal 404 `subscription_not_found`; 422 on the options, 422 `lock_acquisition_failed`.
 */
export async function endOnRequest(
  em: EntityManager,
  scope: BillingScope,
  { termination, ...meant }: EndSubscription,
): Promise<{ readonly subscription: Subscription; readonly acts: readonly WantedAct[] }> {
  const { organizationId, now, timing, hasTestClock } = scope;
  // What has ended has ended for good (spec, subscriptions-and-invoices 2.10, 2.11.6).
  if (meant.status !== null && !ENDABLE.has(meant.status)) throw notFound('subscription');
  const found = await em
    .fork({ keepTransactionContext: true })
    .transactional((inner) => holdSubscription(inner, meant, { orTheOnlyOne: false }));
  if (found.subscription.status === 'active') {
    const customerId = found.customer.id;
    await billMissedDays(em, { organizationId, customerId, realNow: scope.realTime, timing });
  }
  return em.transactional(async (inner) => {
    const held = await holdSubscription(inner, meant, { orTheOnlyOne: false });
    const { subscription, plan } = held;
    if (subscription.status === 'incomplete') throw invalid({ base: ['subscription_incomplete'] });
    // Options of one that has not begun are ignored.
    if (subscription.status === 'active')
      inner.assign(subscription, terminationOptions(termination, subscription, plan));
    const ending = { ...held, organization: { id: organizationId }, at: now, now, hasTestClock, timing };
    return { subscription, acts: await endSubscription(inner, { ...ending, startedBy: 'writer' }) };
  });
}
