import { billMissedDays } from '../../activities/subscriptions/bill-missed-days.ts';
import { endSubscription } from '../../activities/subscriptions/end-subscription.ts';
import { invalid, notFound } from '../../billing/refusal.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { Subscription } from '../../db/entities/subscription.ts';
import { realTime } from '../http/clock.ts';
import type { RequestContext } from '../http/request-context.ts';
import { assignTerminationOptions, lockSubscription, type TerminationOptions } from './update-subscription.ts';

export interface EndedSubscription {
  readonly subscription: Subscription;
  readonly acts: readonly WantedAct[];
}

/** Statuses in which a subscription can be ended, or is told why it cannot. */
const ENDABLE: ReadonlySet<string> = new Set(['active', 'pending', 'incomplete']);

/**
 * Ends an active subscription, or cancels one that has not begun (spec, subscriptions-and-invoices 2.11). Missed billing days
 * before today are made up first, each in a transaction of its own (4.5).
 *
 * @throws Refusal 404 `subscription_not_found`; 422 on the options, 422 `lock_acquisition_failed`.
 */
export async function endOneSubscription(
  context: RequestContext,
  externalId: string,
  status: string | undefined,
  options: TerminationOptions,
): Promise<EndedSubscription> {
  const { em, organization, now, timing } = context;
  // What has ended has ended for good (spec, subscriptions-and-invoices 2.10, 2.11.6).
  if (status !== undefined && !ENDABLE.has(status)) throw notFound('subscription');
  const found = await em
    .fork({ keepTransactionContext: true })
    .transactional((inner) => lockSubscription(inner, externalId, status, { orTheOnlyOne: false }));
  if (found.subscription.status === 'active') {
    const customerId = found.customer.id;
    await billMissedDays(em, { organizationId: organization.id, customerId, realNow: realTime(), timing });
  }
  return em.transactional(async (inner) => {
    const locked = await lockSubscription(inner, externalId, status, { orTheOnlyOne: false });
    const { subscription, plan } = locked;
    if (subscription.status === 'incomplete') throw invalid({ base: ['subscription_incomplete'] });
    // Options of one that has not begun are ignored.
    if (subscription.status === 'active') assignTerminationOptions(subscription, options, plan);
    const frozen = organization.clockNow != null;
    return {
      subscription,
      acts: await endSubscription(inner, {
        ...locked,
        organization,
        at: now,
        now,
        frozen,
        timing,
        startedBy: 'writer',
      }),
    };
  });
}
