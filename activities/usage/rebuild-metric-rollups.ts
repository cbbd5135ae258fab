import { heartbeat } from '@temporalio/activity';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { done, inActTransaction } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { rebuildRollups } from './rebuild-rollups.ts';
import type { RebuildRollupsArgument } from './rebuild-rollups-act.ts';

/** How often to tell Temporal that the one long statement still runs. */
const HEARTBEAT_MS = 3000;

/** Rebuilds a metric's rollups and finishes the act, in one transaction. */
export async function rebuildMetricRollups(
  dependencies: ActivityDependencies,
  argument: RebuildRollupsArgument,
): Promise<void> {
  const beat = setInterval(() => heartbeat(), HEARTBEAT_MS);
  try {
    await inActTransaction<void>(dependencies, 'rollups', argument, async (em) => {
      await rebuildRollups(em, argument.organizationId, argument.billableMetricId);
      await finishActs(em, [argument.actId]);
      return done(undefined);
    });
  } finally {
    clearInterval(beat);
  }
}
