import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { MetricFilter } from '../../../billing/billable-metrics/metric-filters.ts';
import type { AggregationType } from '../../../billing/usage/usage-totals.ts';
import type { RoundingFunction } from '../../../billing/usage/metric-rounding.ts';

export const BillableMetric = defineEntity({
  name: 'BillableMetric',
  tableName: 'billable_metrics',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    name: p.text(),
    code: p.text(),
    description: p.text().nullable(),
    aggregationType: p.text().$type<AggregationType>(),
    fieldName: p.text().nullable(),
    /** What the field of each event is computed by; never an empty text. */
    expression: p.text().nullable(),
    recurring: p.boolean().default(false),
    weightedInterval: p.text().$type<'seconds'>().nullable(),
    roundingFunction: p.text().$type<RoundingFunction>().nullable(),
    roundingPrecision: p.integer().nullable(),
    filters: p
      .json<MetricFilter[]>()
      .onCreate(() => [])
      .defaultRaw(`'[]'`),
    /** The property names by whose values its rollups are kept, sorted; what its charges filter and group by. */
    rollupKeys: p
      .json<string[]>()
      .onCreate(() => [])
      .defaultRaw(`'[]'`),
    /** Grows with every change of what its rollups are made of: code, aggregation, field and keys. */
    definitionVersion: p.integer().default(1),
    /**
     * False while the rollups of events older than this definition are rebuilt: usage is then read from the raw events.
     */
    rolledUp: p.boolean().default(true),
    /** False while its rollups are of a version that did not keep what events bring as their price. */
    amountsRolledUp: p.boolean().default(true),
    deletedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [{ name: 'billable_metrics_tenant', properties: ['organizationId', 'id'] }],
  indexes: [
    {
      name: 'billable_metrics_code',
      expression: `create unique index billable_metrics_code on billable_metrics (organization_id, code)
         where deleted_at is null`,
    },
    { name: 'billable_metrics_newest', properties: ['organizationId', 'createdAt', 'id'] },
  ],
});
export type BillableMetric = InferEntity<typeof BillableMetric>;
