import type { EntityManager } from '@mikro-orm/postgresql';
import type { Tenure } from '../../../billing/usage/usage-history.ts';
import { instantOf, sql } from '../../sql.ts';

/**
 * The subscriptions that share the external ids of these ones, the oldest start first, where more than one customer had
 * them.
 *
 * @returns by subscription id; absent: nobody else ever had its external id.
 */
export async function sharedTenures(
  em: EntityManager,
  organizationId: string,
  subscriptionIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Tenure[]>> {
  if (subscriptionIds.length === 0) return new Map();
  const rows = await sql<{ id: string; customerId: string; from: string }>(
    em,
    `select mine.id, tenant.customer_id as "customerId", coalesce(tenant.usage_from, tenant.started_at) as from
     from subscriptions mine join subscriptions tenant
       on tenant.organization_id = mine.organization_id and tenant.external_id = mine.external_id
         and tenant.started_at is not null
     where mine.organization_id = $1 and mine.id = any($2::uuid[])
     order by "from", tenant.created_at, tenant.id`,
    [organizationId, subscriptionIds],
  );
  const tenures = Map.groupBy(rows, ({ id }) => id);
  const shared = [...tenures].filter(([, all]) => new Set(all.map(({ customerId }) => customerId)).size > 1);
  return new Map(
    shared.map(([id, all]) => [id, all.map(({ customerId, from }) => ({ customerId, from: instantOf(from) }))]),
  );
}
