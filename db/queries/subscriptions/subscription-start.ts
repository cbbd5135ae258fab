import type { EntityManager } from '@mikro-orm/postgresql';
import { instantOf, sql } from '../../sql.ts';

/**
 * When the subscription of an external id started, in milliseconds since 1970: the active one's, else the latest one's.
 * Undefined when there is none that started.
 */
export async function startOfSubscription(
  em: EntityManager,
  organizationId: string,
  externalId: string,
): Promise<number | undefined> {
  const [row] = await sql<{ startedAt: string }>(
    em,
    `select started_at as "startedAt" from subscriptions
     where organization_id = $1 and external_id = $2 and started_at is not null
     order by status = 'active' desc, started_at desc limit 1`,
    [organizationId, externalId],
  );
  return row && instantOf(row.startedAt).getTime();
}
