import type { EntityManager } from '@mikro-orm/postgresql';
import { localDate } from '../../billing/calendar/local-date.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { wakePeriodsFrom } from '../../db/acts/wake-acts.ts';
import type { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { activateId } from './activate-act.ts';
import { announceSubscription } from '../webhooks/announce.ts';
import { terminateSubscription, type Ending } from './terminate-subscription.ts';

/** An ending that somebody asks for. */
export type AskedEnding = Omit<Ending, 'isAsked'>;

/**
 * Ends a subscription at once, in the running transaction: an active one with its last invoice, one that has not begun
 * by canceling it (spec, subscriptions-and-invoices 2.11). The caller holds the customer's lock, has made up missed
 * days, and has set the subscription's options.
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
  await wakePeriodsFrom(em, subscription, localDate(at, timeZone).toString(), now);
  return acts;
}

async function cancel(em: EntityManager, subscription: Subscription, now: Date): Promise<void> {
  em.assign(subscription, { status: 'canceled', canceledAt: now, updatedAt: now });
  await em.flush();
  await announceSubscription(em, subscription, now, ['subscription.terminated']);
  await finishActs(em, [activateId(subscription.id)]);
}
