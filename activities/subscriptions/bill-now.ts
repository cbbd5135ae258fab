import type { EntityManager } from '@mikro-orm/postgresql';
import { localDate } from '../../billing/calendar/local-date.ts';
import { notAllowed, notFound } from '../../billing/refusal.ts';
import { bringActsForward } from '../../db/acts/bring-forward.ts';
import { billableActs } from '../../db/acts/find-acts.ts';
import type { StartableAct } from '../../db/acts/act.ts';
import { lockCustomer } from '../../db/customer-lock.ts';
import { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { subscriptionContext } from '../../db/queries/subscriptions/subscription-context.ts';

/** As many as one look of a billing run takes of a customer. */
const LIMIT = 500;

/**
 * Has what a subscription is due for billed now, without the room for late events, in the running transaction: the
 * periods whose billing day has come, and the last invoice of one that has ended. Whatever else of its customer is due
 * comes with it, as it belongs on the same invoices (spec, subscriptions-and-invoices 4.2).
 *
 * @param now the organization's clock.
 * @returns what to start or wake after the commit, the subscription's oldest due act first.
 * @throws Refusal 404 `subscription_not_found`; 405 `nothing_due`; 422 `lock_acquisition_failed`.
 */
export async function billNow(
  em: EntityManager,
  externalId: string,
  now: Date,
): Promise<readonly [StartableAct, ...StartableAct[]]> {
  const subscription = await findSubscription(em, externalId);
  await lockCustomer(em, subscription.customerId);
  const { timeZone } = await subscriptionContext(em, subscription.organizationId, subscription.id, 'read');
  const today = localDate(now, timeZone).toString();
  const due = await billableActs(em, subscription, today, LIMIT);
  const ids = due.map(({ id }) => id);
  const acts = due[0]?.own ? await bringActsForward(em, ids, now) : [];
  const [first, ...others] = acts.toSorted((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id));
  if (!first) throw notAllowed('nothing_due');
  return [first, ...others];
}

/** The active one, else the one that ended last. */
async function findSubscription(em: EntityManager, externalId: string): Promise<Subscription> {
  const active = await em.findOne(Subscription, { externalId, status: 'active' });
  const found =
    active ??
    (await em.findOne(
      Subscription,
      { externalId, status: 'terminated' },
      { orderBy: { terminatedAt: 'desc', id: 'asc' } },
    ));
  if (!found) throw notFound('subscription');
  return found;
}
