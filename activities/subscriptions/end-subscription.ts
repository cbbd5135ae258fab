import type { EntityManager } from '@mikro-orm/postgresql';
import { localDate } from '../../billing/calendar/local-date.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { Subscription } from '../../db/entities/subscription.ts';
import { sql } from '../../db/sql.ts';
import { activateId } from './activate-act.ts';
import { announceSubscription } from '../webhooks/announce.ts';
import { terminateSubscription, type Termination } from './terminate-subscription.ts';

/** An ending that somebody asks for. */
export type AskedEnding = Omit<Termination, 'isAsked'>;

/**
 * Ends a subscription at once, in the running transaction: an active one with its last invoice, one that has not begun by
 * canceling it (spec, subscriptions-and-invoices 2.11). The caller holds the customer's lock, has made up missed days, and has
 * set the subscription's options.
 *
 * @returns the acts it wrote.
 */
export async function endSubscription(em: EntityManager, ending: AskedEnding): Promise<WantedAct[]> {
  const { subscription, at, now, timeZone } = ending;
  if (subscription.status === 'pending') {
    await cancel(em, subscription, now);
    return [];
  }
  const acts = await terminateSubscription(em, { ...ending, isAsked: true });
  await supersedePeriods(em, subscription, localDate(at, timeZone).toString(), now);
  return acts;
}

async function cancel(em: EntityManager, subscription: Subscription, now: Date): Promise<void> {
  em.assign(subscription, { status: 'canceled', canceledAt: now, updatedAt: now });
  await em.flush();
  await announceSubscription(em, subscription, now, ['subscription.terminated']);
  await finishActs(em, [activateId(subscription.id)]);
}

/**
 * Tells the workflow of the running period that there is nothing left to wait for: it looks, finds the subscription ended, and
 * ends. Periods that were due before the last day and could not be billed stay wanted; that of the last day is the last invoice's.
 */
async function supersedePeriods(
  em: EntityManager,
  { id, organizationId }: Subscription,
  lastDay: string,
  now: Date,
): Promise<void> {
  await sql(
    em,
    `update acts set due_at = least(due_at, $3::timestamptz), state = 'wanted', verb = 'signal', leased_until = null,
                     changed_at = clock_timestamp()
     where organization_id = $4 and subscription_id = $1 and kind = 'period' and state in ('wanted', 'waiting')
       and argument->>'billingDay' >= $2`,
    [id, lastDay, now.toISOString(), organizationId],
  );
}
