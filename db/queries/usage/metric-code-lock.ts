import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** How long whoever stores events or changes a metric waits for a rebuild of its rollups. */
const WAIT = '5s';

const keysOf = `select hashtextextended($1::text || '/' || code, 1) as key from unnest($2::text[]) as code`;

const sorted = (codes: readonly string[]): string[] => [...new Set(codes)].toSorted();

/**
 * Holds the definitions of the metrics with these codes still, to the end of the transaction: no metric appears,
 * changes or goes, and no rollups are rebuilt. Any number of transactions hold it together. What is read next, is read
 * as locked: the lock must be a statement of its own, since a statement sees the database as of its start.
 */
export async function holdMetricCodes(
  em: EntityManager,
  organizationId: string,
  codes: readonly string[],
): Promise<void> {
  await lockWithin(em, 'pg_advisory_xact_lock_shared', organizationId, codes);
}

/**
 * Waits until no event of these codes is being stored and keeps new ones out, to the end of the transaction: for
 * whoever creates, changes or deletes a metric, or rebuilds its rollups.
 */
export async function lockMetricCodes(
  em: EntityManager,
  organizationId: string,
  codes: readonly string[],
): Promise<void> {
  await sql(em, `select count(pg_advisory_xact_lock(key)) from (${keysOf}) as keys`, [organizationId, sorted(codes)]);
}

/** The same for a request: it waits a few seconds while rollups are rebuilt, and is refused after that. */
export async function lockMetricCodesBriefly(
  em: EntityManager,
  organizationId: string,
  codes: readonly string[],
): Promise<void> {
  await lockWithin(em, 'pg_advisory_xact_lock', organizationId, codes);
}

async function lockWithin(
  em: EntityManager,
  lock: 'pg_advisory_xact_lock' | 'pg_advisory_xact_lock_shared',
  organizationId: string,
  codes: readonly string[],
): Promise<void> {
  await sql(em, `select set_config('lock_timeout', $3, true), (select count(${lock}(key)) from (${keysOf}) as keys)`, [
    organizationId,
    sorted(codes),
    WAIT,
  ]);
}
