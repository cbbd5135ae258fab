import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../billing/refusal.ts';
import { lockCustomer } from '../../db/customer-lock.ts';
import { findMeant, type MeantSubscription } from '../../db/queries/subscriptions/meant-subscription.ts';
import { subscriptionContext, type SubscriptionContext } from '../../db/queries/subscriptions/subscription-context.ts';

/**
 * Finds the subscription that a change means, the newest of the given status (spec, subscriptions-and-invoices 2.1),
 * and takes its customer's lock.
 *
 * @param orTheOnlyOne whether a request that names no status means the only one with this external id, whatever its
 * status.
 * @throws Refusal 404 `subscription_not_found`; 422 `lock_acquisition_failed`.
 */
export async function holdSubscription(
  em: EntityManager,
  meant: MeantSubscription,
  { orTheOnlyOne }: { readonly orTheOnlyOne: boolean },
): Promise<SubscriptionContext> {
  const found = await findMeant(em, meant, orTheOnlyOne);
  if (!found) throw notFound('subscription');
  await lockCustomer(em, found.customerId);
  const held = await subscriptionContext(em, found.organizationId, found.id, 'change');
  if (held.subscription.status !== found.status) throw notFound('subscription');
  return held;
}
