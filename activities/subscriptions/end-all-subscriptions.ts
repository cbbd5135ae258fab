import { localDate } from '../../billing/calendar/local-date.ts';
import { Refusal } from '../../billing/refusal.ts';
import { tryLockCustomer } from '../../db/customer-lock.ts';
import type { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { scopedTo } from '../../db/orm.ts';
import {
  nextToEnd,
  type EndingSubscription,
  type SubscriptionsOf,
} from '../../db/queries/subscriptions/ending-subscriptions.ts';
import { subscriptionContext } from '../../db/queries/subscriptions/subscription-context.ts';
import { billMissedDays } from './bill-missed-days.ts';
import { done, ended, inActTransaction } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { endSubscription } from './end-subscription.ts';

/** Subscriptions that one call ends at most: it stays well below its time limit. */
const LIMIT = 20;

/** `busy`: those that are left have customers whom somebody else is billing or changing just now. */
export type EndedOutcome = 'all' | 'more' | 'busy';

/**
 * Ends running subscriptions and cancels coming ones, each in a transaction of its own under its customer's lock;
 * whoever is busy is passed over. What is ended stays so: run again it goes on where it stopped.
 *
 * @param at when service ends.
 */
export async function endAllSubscriptions(
  dependencies: ActivityDependencies,
  ending: SubscriptionsOf,
  at: Date,
): Promise<EndedOutcome> {
  const busy: string[] = [];
  for (let left = LIMIT; left > 0; left--) {
    const next = await nextToEnd(dependencies.orm.em.fork(), ending, busy);
    if (!next) return busy.length > 0 ? 'busy' : 'all';
    if (!(await endOne(dependencies, ending.organizationId, next, at))) busy.push(next.customerId);
  }
  return 'more';
}

/** @returns false when the customer is busy. */
async function endOne(
  dependencies: ActivityDependencies,
  organizationId: string,
  { id, customerId }: EndingSubscription,
  at: Date,
): Promise<boolean> {
  const { orm, timing, realTime } = dependencies;
  const em = scopedTo(orm.em, organizationId);
  try {
    await billMissedDays(em, { organizationId, customerId, realNow: realTime(), timing, until: at, lock: 'try' });
  } catch (error) {
    if (error instanceof Refusal && error.reason.kind === 'lock_busy') return false;
    throw error;
  }
  return inActTransaction<boolean>(dependencies, 'end-subscriptions', { organizationId }, async (inner) => {
    if (!(await tryLockCustomer(inner, customerId))) return ended(false);
    const context = await subscriptionContext(inner, organizationId, id, 'change');
    const { subscription, timeZone, clockNow } = context;
    // Somebody else has ended it meanwhile.
    if (subscription.status !== 'active' && subscription.status !== 'pending') return ended(true);
    const now = clockNow ?? realTime();
    await endSubscription(inner, {
      ...context,
      organization: { id: organizationId },
      now,
      timing,
      at: hasGoneOn(subscription, at, timeZone) ? now : at,
      hasTestClock: clockNow !== null,
      startedBy: 'dispatcher',
    });
    return done(true);
  });
}

/** Whether it was started or billed after the moment at which it was to end, because no worker ran then. */
const hasGoneOn = ({ startedAt, lastBillingDay }: Subscription, at: Date, timeZone: string): boolean =>
  (startedAt != null && startedAt > at) ||
  (lastBillingDay != null && lastBillingDay > localDate(at, timeZone).toString());
