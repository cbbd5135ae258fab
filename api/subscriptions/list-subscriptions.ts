import type { EntityManager } from '@mikro-orm/postgresql';
import { Subscription } from '../../db/entities/subscription.ts';
import { sql } from '../../db/sql.ts';
import { billingEntityIdsOf } from '../../db/queries/organizations/billing-entities.ts';
import { pageOf, type Page } from '../http/pagination.ts';
import type { SubscriptionsQuery } from './schema.ts';

/** Unless asked otherwise (spec, subscriptions-and-invoices 2.9). */
const ACTIVE_ONLY = ['active'] as const;

const CONDITIONS = `
  subscriptions.organization_id = $1
  and ($2::text is null or customers.external_id = $2)
  and ($3::text is null or subscriptions.external_id = $3)
  and ($4::text is null or plans.code = $4)
  and subscriptions.status = any($5::text[])
  and ($6::boolean is null or (plans.parent_id is not null) = $6)
  and ($7::text is null or plans.amount_currency = $7)
  and ($8::uuid[] is null or coalesce(subscriptions.billing_entity_id, customers.billing_entity_id) = any($8))`;

const FROM = `subscriptions join customers on customers.id = subscriptions.customer_id join plans on plans.id = subscriptions.plan_id`;

/**
 * A page of subscriptions, the newest `subscription_at` first, and how many there are in all.
 *
 * @throws Refusal 404 `billing_entity_not_found`.
 */
export async function listSubscriptions(
  em: EntityManager,
  organizationId: string,
  query: SubscriptionsQuery,
): Promise<{ readonly rows: readonly Subscription[]; readonly total: number; readonly page: Page }> {
  const page = pageOf(query);
  const parameters = [
    organizationId,
    query.external_customer_id ?? null,
    query.external_id ?? null,
    query.plan_code ?? null,
    query.status ?? ACTIVE_ONLY,
    query.overridden ?? query.overriden ?? null,
    query.currency ?? null,
    (await billingEntityIdsOf(em, query.billing_entity_codes)) ?? null,
  ];
  const [count] = await sql<{ total: string }>(
    em,
    `select count(*) as total from ${FROM} where ${CONDITIONS}`,
    parameters,
  );
  const ids = await sql<{ id: string }>(
    em,
    `select subscriptions.id from ${FROM} where ${CONDITIONS}
     order by subscriptions.subscription_at desc nulls last, subscriptions.created_at desc, subscriptions.id
     limit $9 offset $10`,
    [...parameters, page.limit, page.offset],
  );
  const found = await em.find(Subscription, { id: ids.map(({ id }) => id) });
  const byId = new Map(found.map((subscription) => [subscription.id, subscription]));
  return { rows: ids.map(({ id }) => byId.get(id)!), total: Number(count?.total), page };
}
