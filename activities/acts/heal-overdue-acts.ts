import { heartbeat } from '@temporalio/activity';
import { healOverdue } from '../../db/acts/heal-acts.ts';
import { healedActsTotal } from '../../telemetry/figures.ts';
import type { ActivityDependencies } from '../dependencies.ts';

/** Acts healed in one look; the next look takes the rest. */
const LIMIT = 1000;

/**
 * Finds acts that should have been done, or work that nobody seems to do, and has them told again. In a healthy system
 * it finds nothing, so whatever it finds is logged loudly.
 *
 * @returns how many it found.
 */
export async function healOverdueActs({ orm, realTime, actsWritten, warn }: ActivityDependencies): Promise<number> {
  heartbeat();
  const healed = await healOverdue(orm.em.fork(), realTime(), LIMIT);
  for (const act of healed) warn('overdue act: told again', { workflowId: act.id, dueAt: act.dueAt });
  healedActsTotal.inc(healed.length);
  if (healed.length > 0) actsWritten();
  return healed.length;
}
