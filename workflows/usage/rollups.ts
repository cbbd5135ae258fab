import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { RollupsArgument } from '../../activities/acts/wanted-acts.ts';
import { policies } from '../policies.ts';

const { rebuildMetricRollups } = proxyActivities<Activities>(policies.heavy);

/** Rebuilds a metric's rollups; until it is done, usage is read from the raw events. */
export function rollups(argument: RollupsArgument): Promise<void> {
  return rebuildMetricRollups(argument);
}
