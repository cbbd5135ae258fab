import type { EntityManager } from '@mikro-orm/postgresql';
import { startableActs, type StartableAct } from './act.ts';
import { LEASE } from './lease.ts';
import { IS_OPEN, entering, enteringIf, inState } from './transitions.ts';

/**
 * Has an open or failed act done at once and not at its moment, because somebody asks for it.
 *
 * @returns the act as it is now, and whether this call has changed it; undefined when there is none, or it is done.
 */
export async function makeDueNow(
  em: EntityManager,
  organizationId: string,
  id: string,
): Promise<{ readonly act: StartableAct; readonly isFirst: boolean } | undefined> {
  const [act] = await startableActs(
    em,
    (columns) => `update acts set state = ${entering('makeDueNow')}, verb = 'signal', due_at = null, error = null,
       changed_at = clock_timestamp(), leased_until = clock_timestamp() + ${LEASE}
     where id = $1 and organization_id = $2 and ${inState('makeDueNow')} and (state = 'failed' or due_at is not null)
     returning ${columns}`,
    [id, organizationId],
  );
  if (act) return { act, isFirst: true };
  const [open] = await startableActs(
    em,
    (columns) => `select ${columns} from acts where id = $1 and organization_id = $2 and state <> 'done'`,
    [id, organizationId],
  );
  return open && { act: open, isFirst: false };
}

/**
 * Has open acts done now instead of at their due moments; one that is at work stays at work. Whoever calls it starts
 * them after the commit.
 *
 * @param now the organization's clock.
 */
export function bringActsForward(em: EntityManager, ids: readonly string[], now: Date): Promise<StartableAct[]> {
  return startableActs(
    em,
    (columns) => `update acts set state = ${enteringIf(inState('bringForward'), 'bringForward')}, verb = 'signal',
         due_at = least(due_at, $2::timestamptz), leased_until = clock_timestamp() + ${LEASE},
         changed_at = clock_timestamp()
     where id = any($1::text[]) and ${IS_OPEN}
     returning ${columns}`,
    [ids, now.toISOString()],
  );
}
