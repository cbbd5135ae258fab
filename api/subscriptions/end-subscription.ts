import type { EntityManager } from '@mikro-orm/postgresql';
import { announceSubscription } from '../../activities/announce.ts';
import { billMissedDays } from '../../activities/bill-missed-days.ts';
import { terminateSubscription } from '../../activities/terminate-subscription.ts';
import { localDate } from '../../billing/calendar/local-date.ts';
import { invalid } from '../../billing/refusal.ts';
import { finishActs, type WantedAct } from '../../db/acts.ts';
import type { Subscription } from '../../db/entities/subscription.ts';
import { sql } from '../../db/sql.ts';
import { activateId } from '../../workflows/ids.ts';
import type { RequestContext } from '../request-context.ts';
import { assignTerminationOptions, lockSubscription, type TerminationOptions } from './update-subscription.ts';

export interface EndedSubscription {
  readonly subscription: Subscription;
  readonly acts: readonly WantedAct[];
}

/**
 * Ends an active subscription, or cancels one that has not begun (spec, subscriptions-and-invoices 2.11). Missed billing days
 * before today are made up first, each in a transaction of its own (4.5).
 *
 * @throws Refusal 404 `subscription_not_found`; 422 on the options, 422 `lock_acquisition_failed`.
 */
export async function endSubscription(
  context: RequestContext,
  externalId: string,
  status: string | undefined,
  options: TerminationOptions,
): Promise<EndedSubscription> {
  const { em, organization, now, timing } = context;
  const found = await em
    .fork({ keepTransactionContext: true })
    .transactional((inner) => lockSubscription(inner, externalId, status, { orTheOnlyOne: false }));
  if (found.subscription.status === 'active') {
    await billMissedDays(em, { organizationId: organization.id, customerId: found.customer.id, now, timing });
  }
  return em.transactional(async (inner) => {
    const locked = await lockSubscription(inner, externalId, status, { orTheOnlyOne: false });
    const { subscription, customer, plan, timeZone } = locked;
    if (subscription.status === 'incomplete') throw invalid({ base: ['subscription_incomplete'] });
    if (subscription.status === 'pending') return cancel(inner, subscription, now);
    assignTerminationOptions(subscription, options, plan);
    const acts = await terminateSubscription(inner, {
      organization,
      customer,
      subscription,
      plan,
      at: now,
      now,
      frozen: organization.clockNow != null,
      timing,
      isAsked: true,
    });
    await supersedePeriods(inner, subscription, localDate(now, timeZone).toString(), now);
    return { subscription, acts };
  });
}

async function cancel(em: EntityManager, subscription: Subscription, now: Date): Promise<EndedSubscription> {
  em.assign(subscription, { status: 'canceled', canceledAt: now, updatedAt: now });
  await em.flush();
  await announceSubscription(em, subscription, now, ['subscription.terminated']);
  await finishActs(em, [activateId(subscription.id)]);
  return { subscription, acts: [] };
}

/**
 * Tells the workflow of the running period that there is nothing left to wait for: it looks, finds the subscription ended, and
 * ends. Periods that were due before today and could not be billed stay wanted.
 */
async function supersedePeriods(em: EntityManager, { id }: Subscription, today: string, now: Date): Promise<void> {
  await sql(
    em,
    `update acts set due_at = least(due_at, $3::timestamptz), state = 'wanted', verb = 'signal', leased_until = null,
                     changed_at = clock_timestamp()
     where subscription_id = $1 and kind = 'period' and state in ('wanted', 'waiting') and argument->>'billingDay' >= $2`,
    [id, today, now.toISOString()],
  );
}
