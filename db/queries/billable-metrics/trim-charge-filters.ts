import type { EntityManager } from '@mikro-orm/postgresql';
import type { MetricFilter } from '../../../billing/billable-metrics/metric-filters.ts';
import { ALL_FILTER_VALUES } from '../../../billing/usage/buckets.ts';
import { sql } from '../../sql.ts';

const EVERY_VALUE = JSON.stringify([ALL_FILTER_VALUES]);

/**
 * Takes out of the filters of a metric's charges what the metric does not declare any more: values, lists that become
 * empty, and filters of which nothing is left (spec, usage 1.7). With `eu` gone, `{ region: ['eu', 'us'] }` becomes
 * `{ region: ['us'] }`, and a filter of `eu` alone is deleted. The caller has locked the metric.
 *
 * @param now the organization's clock.
 */
export async function trimChargeFilters(
  em: EntityManager,
  {
    id,
    organizationId,
    filters,
  }: { readonly id: string; readonly organizationId: string; readonly filters: readonly MetricFilter[] },
  now: Date,
): Promise<void> {
  await sql(
    em,
    `with trimmed as (
       select filter.id, filter."values" as before, coalesce((
         select jsonb_object_agg(asked.key, kept.list)
         from jsonb_each(filter."values") as asked (key, list)
         cross join lateral (
           select case when asked.list = '${EVERY_VALUE}'::jsonb then asked.list
                  else (select jsonb_agg(value order by place)
                        from jsonb_array_elements_text(asked.list) with ordinality as named (value, place)
                        where $3::jsonb -> asked.key ? value) end as list) as kept
         where $3::jsonb ? asked.key and kept.list is not null), '{}') as after
       from charge_filters filter join charges charge on charge.id = filter.charge_id
       where charge.organization_id = $1 and charge.billable_metric_id = $2
         and charge.deleted_at is null and filter.deleted_at is null)
     update charge_filters filter
     set "values" = case trimmed.after when '{}' then trimmed.before else trimmed.after end,
         deleted_at = case trimmed.after when '{}' then $4::timestamptz end, updated_at = $4
     from trimmed where filter.id = trimmed.id and trimmed.after <> trimmed.before`,
    [
      organizationId,
      id,
      JSON.stringify(Object.fromEntries(filters.map(({ key, values }) => [key, values]))),
      now.toISOString(),
    ],
  );
}
