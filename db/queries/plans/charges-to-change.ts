import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import type { StoredChargeFilter } from '../../../billing/charges/charge-split.ts';
import { BillableMetric } from '../../entities/usage/billable-metric.ts';
import { Charge } from '../../entities/plans/charge.ts';
import type { Plan } from '../../entities/plans/plan.ts';
import { sql } from '../../sql.ts';
import { joinedRows } from '../joined-rows.ts';
import { FILTERS, filtersOf, type FilterJson } from './filters-of-charges.ts';

/** A charge that changes through the ORM. */
export interface ChangingCharge {
  readonly charge: Charge;
  readonly filters: readonly StoredChargeFilter[];
}

/** The charges of a plan that the caller has locked, with the metrics of them all held (`holdMetricsOf`). */
export async function chargesToChange(
  em: EntityManager,
  { id, organizationId }: Plan,
): Promise<readonly ChangingCharge[]> {
  const joined = joinedRows(em, em);
  const rows = await sql<Record<string, unknown> & { filters: readonly FilterJson[] | null }>(
    em,
    `select ${joined.columns(Charge, 'charge')}, ${FILTERS} as filters
     from charges charge
     where charge.organization_id = $1 and charge.plan_id = $2 and charge.deleted_at is null
     order by charge.position, charge.id`,
    [organizationId, id],
  );
  return rows.map((row) => ({ charge: joined.take(Charge, 'charge', row)!, filters: filtersOf(row.filters) }));
}

/**
 * The metrics that charges of a plan have or are to have, by id, held until the end of the transaction: none is deleted
 * or redefined meanwhile, and none loses values that filters of the charges name.
 *
 * @param named ids of metrics that charges are to have.
 * @param lockMode for writing where the caller may redefine them: then nobody else holds them, or two would wait for
 *   each other.
 */
export async function holdMetricsOf(
  em: EntityManager,
  { id, organizationId }: Plan,
  named: readonly string[],
  lockMode: LockMode.PESSIMISTIC_READ | LockMode.PESSIMISTIC_WRITE,
): Promise<ReadonlyMap<string, BillableMetric>> {
  const joined = joinedRows(em, em);
  const rows = await sql<Record<string, unknown>>(
    em,
    `select ${joined.columns(BillableMetric, 'metric')}
     from billable_metrics metric
     where metric.organization_id = $1 and metric.deleted_at is null
       and (metric.id = any($2::uuid[])
         or metric.id in (select billable_metric_id from charges
                          where organization_id = $1 and plan_id = $3 and deleted_at is null))
     order by metric.id
     ${lockMode === LockMode.PESSIMISTIC_WRITE ? 'for update' : 'for share'}`,
    [organizationId, named, id],
  );
  return new Map(rows.map((row) => joined.take(BillableMetric, 'metric', row)!).map((metric) => [metric.id, metric]));
}
