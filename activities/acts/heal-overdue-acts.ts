import { heartbeat } from '@temporalio/activity';
import { sql } from '../../db/sql.ts';
import { healedActsTotal } from '../../telemetry/figures.ts';
import type { ActivityDependencies } from '../dependencies.ts';

/** An act may be late by this much before it counts as overdue. */
const GRACE = '2 minutes';

/** Acts healed in one look; the next look takes the rest. */
const LIMIT = 1000;

/**
 * Finds acts that should have been done, or work that nobody seems to do, and has them told again. In a healthy system it
 * finds nothing, so whatever it finds is logged loudly.
 *
 * @returns how many it found.
 */
export async function healOverdueActs({ orm, realTime, actsWritten, warn }: ActivityDependencies): Promise<number> {
  heartbeat();
  const healed = await sql<{ id: string; dueAt: string | null }>(
    orm.em.fork(),
    `with overdue as (
       select acts.id from acts join organizations on organizations.id = acts.organization_id
       where ((acts.state = 'waiting' and (organizations.clock_now is null or acts.aside)
               and acts.due_at < $1::timestamptz - $2::interval and acts.changed_at < clock_timestamp() - $2::interval)
           or (acts.state = 'working' and acts.changed_at < clock_timestamp() - $2::interval))
       order by acts.due_at nulls first
       limit $3
       for update of acts skip locked)
     update acts set state = 'wanted', verb = 'signal', leased_until = null, changed_at = clock_timestamp()
     from overdue where acts.id = overdue.id
     returning acts.id, acts.due_at as "dueAt"`,
    [realTime().toISOString(), GRACE, LIMIT],
  );
  for (const act of healed) warn('overdue act: told again', { workflowId: act.id, dueAt: act.dueAt });
  healedActsTotal.inc(healed.length);
  if (healed.length > 0) actsWritten();
  return healed.length;
}
