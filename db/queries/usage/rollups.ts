import type { EntityManager } from '@mikro-orm/postgresql';
import type { AggregationType } from '../../../billing/usage/usage-totals.ts';
import { sql } from '../../sql.ts';
import { keyValues } from './key-values.ts';
import { numericValue } from './numeric-value.ts';
import { ROLLUP_TOTALS, rollupTotals } from './rolled-up.ts';

/** How a billable metric reads events. */
export interface Metering {
  readonly id: string;
  readonly code: string;
  readonly aggregationType: AggregationType;
  /** The property that is aggregated; null: none is. */
  readonly fieldName: string | null;
  /** The property names by whose values rollups are kept. */
  readonly rollupKeys: readonly string[];
  /** Grows with each change of what the metric makes of events. */
  readonly definitionVersion: number;
  readonly deleted: boolean;
}

/** As the database has it now, a deleted metric too; undefined when there was never one. */
export async function meteringOf(
  em: EntityManager,
  organizationId: string,
  billableMetricId: string,
): Promise<Metering | undefined> {
  const [metering] = await sql<Metering>(
    em,
    `select id, code, aggregation_type as "aggregationType", field_name as "fieldName", rollup_keys as "rollupKeys",
       definition_version as "definitionVersion", deleted_at is not null as deleted
     from billable_metrics where organization_id = $1 and id = $2`,
    [organizationId, billableMetricId],
  );
  return metering;
}

/** Whether a metric that is not deleted has the code. */
export async function isCodeMetered(em: EntityManager, organizationId: string, code: string): Promise<boolean> {
  const rows = await sql(
    em,
    'select from billable_metrics where organization_id = $1 and code = $2 and deleted_at is null',
    [organizationId, code],
  );
  return rows.length > 0;
}

/** Removes the rollups of a code. The caller has locked the code. */
export async function deleteRollups(em: EntityManager, organizationId: string, code: string): Promise<void> {
  await sql(em, 'delete from usage_rollups where organization_id = $1 and code = $2', [organizationId, code]);
}

/** Rolls up all stored events of a code, which has no rollups yet. The caller has locked the code. */
export async function insertRollups(
  em: EntityManager,
  organizationId: string,
  { code, fieldName, rollupKeys, aggregationType }: Metering,
): Promise<void> {
  await sql(
    em,
    `insert into usage_rollups (organization_id, external_subscription_id, code, hour, keys, ${ROLLUP_TOTALS})
     select $1, external_subscription_id, $2, hour, keys, ${rollupTotals('$5::text', 'event')}
     from (
       select id, external_subscription_id, "timestamp", precise_total_amount_cents as amount,
              date_bin('1 hour', "timestamp", 'epoch'::timestamptz) as hour,
              ${keyValues('$4::jsonb', 'properties')} as keys, ${numericValue('(properties ->> $3::text)')} as value
       from events
       where organization_id = $1 and code = $2 and external_subscription_id is not null) as event
     group by external_subscription_id, hour, keys`,
    [organizationId, code, fieldName, JSON.stringify(rollupKeys), aggregationType],
  );
}

/**
 * From now on usage of the metric is read from its rollups, unless its definition has changed since it was read: a plan
 * gives it new keys without the lock of its code, and wants another rebuild.
 */
export async function markRolledUp(
  em: EntityManager,
  organizationId: string,
  { id, definitionVersion }: Pick<Metering, 'id' | 'definitionVersion'>,
): Promise<void> {
  await sql(
    em,
    `update billable_metrics set rolled_up = true, amounts_rolled_up = true
     where organization_id = $1 and id = $2 and definition_version = $3`,
    [organizationId, id, definitionVersion],
  );
}
