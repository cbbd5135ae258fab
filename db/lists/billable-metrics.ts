import { list, type Conditions, type NoFilter } from './list.ts';

/** Billable metrics that are not deleted, newest first. */
export const billableMetricList = list({
  table: 'billable_metrics',
  order: [
    ['createdAt', 'desc'],
    ['id', 'asc'],
  ],
  conditions: (_filter: NoFilter, { eb }: Conditions<'billable_metrics'>) => [
    eb('billable_metrics.deletedAt', 'is', null),
  ],
});
