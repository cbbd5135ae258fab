import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

export interface MetricFilter {
  readonly key: string;
  readonly values: readonly string[];
}

export const BillableMetric = defineEntity({
  name: 'BillableMetric',
  tableName: 'billable_metrics',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    name: p.text(),
    code: p.text(),
    description: p.text().nullable(),
    aggregationType: p.text().$type<'count_agg' | 'sum_agg'>(),
    fieldName: p.text().nullable(),
    recurring: p.boolean().default(false),
    roundingFunction: p.text().$type<'round' | 'ceil' | 'floor'>().nullable(),
    roundingPrecision: p.integer().nullable(),
    filters: p
      .json<MetricFilter[]>()
      .onCreate(() => [])
      .defaultRaw(`'[]'`),
    /** False while the rollups of events older than this definition are rebuilt: usage is then read from the raw events. */
    rolledUp: p.boolean().default(true),
    deletedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [{ name: 'billable_metrics_tenant', properties: ['organizationId', 'id'] }],
  indexes: [
    {
      name: 'billable_metrics_code',
      expression:
        'create unique index billable_metrics_code on billable_metrics (organization_id, code) where deleted_at is null',
    },
    { name: 'billable_metrics_newest', properties: ['organizationId', 'createdAt', 'id'] },
  ],
});
export type BillableMetric = InferEntity<typeof BillableMetric>;
