import type { EntityManager } from '@mikro-orm/postgresql';
import type { Tenure } from '../../../billing/usage/usage-history.ts';
import { instantOf, sql } from '../../sql.ts';

/**
 * How often the external ids of one question may have passed from customer to customer. Beyond this limit the question
 * fails: part of a history would bill usage twice, or to the wrong customer.
 */
const CHANGES_MAX = 10_000;

/**
 * Which customers have had the external ids of these subscriptions, and since when, the oldest first. Consecutive
 * subscriptions of one customer are one tenure.
 *
 * @returns by subscription id; absent: no other customer has ever had its external id.
 * @throws Error beyond `CHANGES_MAX`.
 */
export async function sharedTenures(
  em: EntityManager,
  organizationId: string,
  subscriptionIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Tenure[]>> {
  if (subscriptionIds.length === 0) return new Map();
  const limit = subscriptionIds.length + CHANGES_MAX;
  const rows = await sql<{ id: string; customerId: string; from: string }>(
    em,
    `select id, customer_id as "customerId", "from"
     from (
       select mine.id, tenant.customer_id, coalesce(tenant.usage_from, tenant.started_at) as "from",
              row_number() over tenancy as place, lag(tenant.customer_id) over tenancy as former
       from subscriptions mine join subscriptions tenant
         on tenant.organization_id = mine.organization_id and tenant.external_id = mine.external_id
           and tenant.started_at is not null
       where mine.organization_id = $1 and mine.id = any($2::uuid[])
       window tenancy as (partition by mine.id order by coalesce(tenant.usage_from, tenant.started_at),
                                                       tenant.created_at, tenant.id)) tenure
     where former is distinct from customer_id
     order by id, place
     limit $3`,
    [organizationId, subscriptionIds, limit + 1],
  );
  if (rows.length > limit)
    throw new Error(`external ids went from customer to customer more than ${CHANGES_MAX} times`);
  const tenures = Map.groupBy(rows, ({ id }) => id);
  const shared = [...tenures].filter(([, all]) => all.length > 1);
  return new Map(
    shared.map(([id, all]) => [id, all.map(({ customerId, from }) => ({ customerId, from: instantOf(from) }))]),
  );
}
