import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { RebuildRollupsArgument } from '../../activities/usage/rebuild-rollups-act.ts';
import { policies } from '../policies.ts';

const { rebuildMetricRollups } = proxyActivities<Activities>(policies.heavy);

/** Rebuilds a metric's rollups; until it is done, usage is read from the raw events. */
export function rebuildRollups(argument: RebuildRollupsArgument): Promise<void> {
  return rebuildMetricRollups(argument);
}
