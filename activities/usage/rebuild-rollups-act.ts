import type { WantedAct } from '../../db/acts/act.ts';
import { actOf, type ActArgument, type ActKind } from '../acts/act-kind.ts';

/** Rebuilds the rollups of a metric from the events that are older than its definition. */
export const rebuildRollupsKind = {
  name: 'rollups',
  workflow: 'rebuildRollups',
  queue: 'bulk',
  reuse: 'ALLOW_DUPLICATE_FAILED_ONLY',
  priority: 4,
  rank: 10,
  whenFailed: 'nothing',
} as const satisfies ActKind;

export interface RebuildRollupsArgument extends ActArgument {
  readonly billableMetricId: string;
}

/** Rebuilds a metric's rollups; each change of its definition has a run of its own. */
export function rebuildRollupsAct(input: {
  readonly organizationId: string;
  readonly billableMetricId: string;
  readonly now: Date;
}): WantedAct {
  const { organizationId, billableMetricId, now } = input;
  return actOf(rebuildRollupsKind, {
    id: `rollups/${billableMetricId}/${now.toISOString()}`,
    organizationId,
    argument: { billableMetricId },
    summary: `Rebuild the rollups of billable metric ${billableMetricId}`,
  });
}
