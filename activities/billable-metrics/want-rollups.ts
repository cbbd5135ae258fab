import type { EntityManager } from '@mikro-orm/postgresql';
import { wantActs } from '../../db/acts/want-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { BillableMetric } from '../../db/entities/billable-metric.ts';
import { rebuildRollupsAct } from '../usage/rebuild-rollups-act.ts';
import type { CommandScope } from '../command-scope.ts';

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
