import type { EntityManager } from '@mikro-orm/postgresql';
import { isCurrency } from '../../billing/money/currency.ts';
import { subscriptionList, type SubscriptionFilter } from '../../db/lists/subscriptions.ts';
import { billingEntityIdsOf } from '../../db/queries/organizations/billing-entities.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import type { SubscriptionsQuery } from './schema.ts';

/** Unless asked otherwise (spec, subscriptions-and-invoices 2.9). */
const ACTIVE_ONLY = ['active'] as const;

export const subscriptionFilterOf = (
  query: SubscriptionsQuery,
  billingEntityIds: readonly string[] | undefined,
): SubscriptionFilter => ({
  statuses: query.status ?? ACTIVE_ONLY,
  externalCustomerId: query.external_customer_id,
  externalId: query.external_id,
  planCode: query.plan_code,
  overridden: query.overridden ?? query.overriden,
  currency: isCurrency(query.currency) ? query.currency : undefined,
  billingEntityIds,
});

/**
 * A page of subscriptions, the newest `subscription_at` first.
 *
 * @throws Refusal 404 `billing_entity_not_found`.
 */
export async function listSubscriptions(em: EntityManager, query: SubscriptionsQuery) {
  const page = pageOf(query);
  const filter = subscriptionFilterOf(query, await billingEntityIdsOf(em, query.billing_entity_codes));
  const { rows, total } = await subscriptionList.page(em, filter, page);
  return { rows, meta: metaOf(page, total) };
}
