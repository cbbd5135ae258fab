import type { EntityManager } from '@mikro-orm/postgresql';
import { countsAlike, type MetricDefinition } from '../../billing/billable-metrics/metric-definition.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { BillableMetric } from '../../db/entities/usage/billable-metric.ts';
import { rebuildRollupsAct } from '../usage/rebuild-rollups-act.ts';
import type { CommandScope } from '../command-scope.ts';

/** What may change of what a metric makes of events. */
export type Redefinition = Partial<MetricDefinition> & { rollupKeys?: string[] };

/**
 * Changes what a metric makes of events, for commands on metrics and on plans alike. The rollups that are there, and
 * those of events that arrive meanwhile by the definition of before, are then of another version: usage is read raw
 * until they have been rebuilt. The caller has locked the metric's row.
 *
 * @param hasEvents false: no event has the metric's code, and the caller keeps new ones out; then there is nothing to
 *   rebuild.
 */
export async function redefineMetric(
  em: EntityManager,
  scope: CommandScope,
  metric: BillableMetric,
  change: Redefinition,
  { hasEvents }: { readonly hasEvents: boolean },
): Promise<readonly WantedAct[]> {
  const isRedefined = !countsAlike({ ...metric, ...change }, metric);
  const isStale = isRedefined && hasEvents;
  em.assign(metric, {
    ...change,
    definitionVersion: metric.definitionVersion + (isRedefined ? 1 : 0),
    rolledUp: metric.rolledUp && !isStale,
    updatedAt: scope.now,
  });
  await em.flush();
  return isStale ? wantRollups(em, scope, metric) : [];
}

/**
 * Has a metric's rollups tell apart what charges split its usage by. Keys that no charge needs any more stay: usage
 * that asks for fewer is summed over the others.
 */
export async function keepRollupsBy(
  em: EntityManager,
  scope: CommandScope,
  metric: BillableMetric,
  keys: readonly string[],
): Promise<readonly WantedAct[]> {
  const missing = keys.filter((key) => !metric.rollupKeys.includes(key));
  if (missing.length === 0) return [];
  const rollupKeys = [...new Set([...metric.rollupKeys, ...missing])].toSorted();
  return redefineMetric(em, scope, metric, { rollupKeys }, { hasEvents: true });
}

/** Wants the rollups of events that are older than the metric's definition. They are read raw until that is done. */
export async function wantRollups(
  em: EntityManager,
  { organizationId, now, realTime }: CommandScope,
  { id: billableMetricId }: BillableMetric,
): Promise<readonly WantedAct[]> {
  // Real time tells apart two definitions of one moment of a test clock: each needs a run of its own.
  const act = rebuildRollupsAct({ organizationId, billableMetricId, now: realTime });
  await wantActs(em, [act], now);
  return [act];
}
