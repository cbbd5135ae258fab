import type { EntityManager } from '@mikro-orm/postgresql';
import { computedField, type ComputedField } from '../../../billing/usage/expression/computed-field.ts';
import { sql } from '../../sql.ts';

/** How long whoever stores events or changes a metric waits for a rebuild of its rollups. */
const WAIT = '5s';

const keysOf = `select hashtextextended($1::text || '/' || code, 1) as key from unnest($2::text[]) as code`;

const sorted = (codes: readonly string[]): string[] => [...new Set(codes)].toSorted();

/**
 * Holds the definitions of the metrics with these codes still, to the end of the transaction: no metric appears,
 * changes or goes, and no rollups are rebuilt. Any number of transactions hold it together. What is read next, is read
 * as locked: the lock must be a statement of its own, since a statement sees the database as of its start.
 *
 * @returns what the metrics compute, by their codes, as of that start: an event that arrives while its metric changes
 *   may be computed by the one or the other definition.
 */
export async function holdMetricCodes(
  em: EntityManager,
  organizationId: string,
  codes: readonly string[],
): Promise<ReadonlyMap<string, ComputedField>> {
  const [held] = await sql<{
    computed: readonly (readonly [code: string, fieldName: string, expression: string])[] | null;
  }>(
    em,
    `${locking('pg_advisory_xact_lock_shared')},
       (select jsonb_agg(jsonb_build_array(code, field_name, expression))
        from billable_metrics
        where organization_id = $1::uuid and code = any($2::text[]) and deleted_at is null
          and expression is not null and field_name is not null) as computed`,
    [organizationId, sorted(codes), WAIT],
  );
  return new Map((held?.computed ?? []).map(([code, name, expression]) => [code, computedField(name, expression)]));
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
  await sql(em, locking('pg_advisory_xact_lock'), [organizationId, sorted(codes), WAIT]);
}

const locking = (lock: 'pg_advisory_xact_lock' | 'pg_advisory_xact_lock_shared'): string =>
  `select set_config('lock_timeout', $3, true), (select count(${lock}(key)) from (${keysOf}) as keys)`;
