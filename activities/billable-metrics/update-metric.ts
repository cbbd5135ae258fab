import type { EntityManager } from '@mikro-orm/postgresql';
import {
  countsAlike,
  definitionWhileCharged,
  metricDefinition,
  type MetricCommand,
} from '../../billing/billable-metrics/metric-definition.ts';
import { BillableMetric } from '../../db/entities/usage/billable-metric.ts';
import { hasEvents, isCharged } from '../../db/queries/billable-metrics/metric-use.ts';
import { trimChargeFilters } from '../../db/queries/billable-metrics/trim-charge-filters.ts';
import { lockMetricCodesBriefly } from '../../db/queries/usage/metric-code-lock.ts';
import type { CommandScope } from '../command-scope.ts';
import { flagDraftsOf } from '../invoices/flag-drafts.ts';
import { refuseTakenCode } from '../refuse-taken-code.ts';
import { announceMetric } from './announce-metric.ts';
import { lockMetric } from './lock-metric.ts';
import { redefineMetric } from './redefine-metric.ts';
import type { SavedMetric } from './saved-metric.ts';

/**
 * Changes a metric in the caller's transaction. While a charge of a plan uses it, only name, description and filters
 * change (spec, usage 1.8); when its filters do, those of its charges lose what is not declared any more, and drafts
 * that charge for it are refreshed (spec, subscriptions-and-invoices 6.6).
 *
 * @throws Refusal 404 `billable_metric_not_found`; 422, 403 as `createMetric`.
 */
export async function updateMetric(
  em: EntityManager,
  scope: CommandScope,
  code: string,
  command: MetricCommand,
): Promise<SavedMetric> {
  await lockMetricCodesBriefly(em, scope.organizationId, [code, command.code ?? code]);
  const metric = await lockMetric(em, code);
  const isInUse = await isCharged(em, scope.organizationId, metric.id);
  return isInUse ? updateCharged(em, scope, metric, command) : redefine(em, scope, metric, command);
}

async function updateCharged(
  em: EntityManager,
  { organizationId, now, realTime }: CommandScope,
  metric: BillableMetric,
  command: MetricCommand,
): Promise<SavedMetric> {
  em.assign(metric, { ...definitionWhileCharged(command, metric), updatedAt: now });
  await em.flush();
  if (command.filters != null) await trimChargeFilters(em, metric, now);
  await announceMetric(em, 'billable_metric.updated', metric, now);
  if (command.filters == null) return { metric, acts: [] };
  const changed = { kind: 'billable_metric', id: metric.id } as const;
  return { metric, acts: await flagDraftsOf(em, { organizationId, changed, now, at: realTime }) };
}

async function redefine(
  em: EntityManager,
  scope: CommandScope,
  metric: BillableMetric,
  command: MetricCommand,
): Promise<SavedMetric> {
  const { organizationId, now } = scope;
  const definition = metricDefinition(command, metric);
  const { code } = definition;
  if (code !== metric.code) await refuseTakenCode(em, BillableMetric, { code, deletedAt: null });
  const isKnown = !countsAlike(definition, metric) && (await hasEvents(em, organizationId, code));
  const acts = await redefineMetric(em, scope, metric, definition, { hasEvents: isKnown });
  await announceMetric(em, 'billable_metric.updated', metric, now);
  return { metric, acts };
}
