import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { metricDefinition, type MetricCommand } from '../../billing/billable-metrics/metric-definition.ts';
import { BillableMetric } from '../../db/entities/usage/billable-metric.ts';
import { hasEvents } from '../../db/queries/billable-metrics/metric-use.ts';
import { lockMetricCodesBriefly } from '../../db/queries/usage/metric-code-lock.ts';
import type { CommandScope } from '../command-scope.ts';
import { refuseTakenCode } from '../refuse-taken-code.ts';
import { announceMetric } from './announce-metric.ts';
import { wantRollups } from './redefine-metric.ts';
import type { SavedMetric } from './saved-metric.ts';

/**
 * Creates a metric in the caller's transaction. Events of its code that are there already get rolled up in the
 * background, and are read raw until then.
 *
 * @throws Refusal 422, 403 as `metricDefinition`; 422 `code: value_already_exist`.
 */
export async function createMetric(
  em: EntityManager,
  scope: CommandScope,
  command: MetricCommand,
): Promise<SavedMetric> {
  const { organizationId, now } = scope;
  const definition = metricDefinition(command);
  await lockMetricCodesBriefly(em, organizationId, [definition.code]);
  await refuseTakenCode(em, BillableMetric, { code: definition.code, deletedAt: null });
  const rolledUp = !(await hasEvents(em, organizationId, definition.code));
  const metric = em.create(BillableMetric, {
    id: v7(),
    organizationId,
    ...definition,
    rolledUp,
    createdAt: now,
    updatedAt: now,
  });
  await em.flush();
  await announceMetric(em, 'billable_metric.created', metric, now);
  return { metric, acts: rolledUp ? [] : await wantRollups(em, scope, metric) };
}
