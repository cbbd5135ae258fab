import { heartbeat } from '@temporalio/activity';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { scopedTo } from '../../db/orm.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { rebuildRollups } from './rebuild-rollups.ts';
import type { RebuildRollupsArgument } from './rebuild-rollups-act.ts';

/** How often to tell Temporal that the one long statement still runs. */
const HEARTBEAT_MS = 3000;

/** Rebuilds a metric's rollups and finishes the act, in one transaction. */
export async function rebuildMetricRollups(
  { orm }: ActivityDependencies,
  argument: RebuildRollupsArgument,
): Promise<void> {
  const beat = setInterval(() => heartbeat(), HEARTBEAT_MS);
  try {
    await scopedTo(orm.em, argument.organizationId).transactional(async (em) => {
      await rebuildRollups(em, argument.organizationId, argument.billableMetricId);
      await finishActs(em, [argument.actId]);
    });
  } finally {
    clearInterval(beat);
  }
}
