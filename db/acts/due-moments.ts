import type { EntityManager } from '@mikro-orm/postgresql';
import { startableActs, type StartableAct } from './act.ts';
import { LEASE } from './lease.ts';

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
    (columns) => `update acts set state = 'wanted', verb = 'signal', due_at = null, error = null,
       argument = jsonb_set(acts.argument, '{dueAt}', 'null'), changed_at = clock_timestamp(),
       leased_until = clock_timestamp() + ${LEASE}
     where id = $1 and organization_id = $2 and (state = 'failed' or state <> 'done' and due_at is not null)
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
 * Has open acts done now instead of at their due moments; one that is at work stays at work. Whoever calls it starts them after
 * the commit.
 *
 * @param now the organization's clock.
 */
export function bringActsForward(em: EntityManager, ids: readonly string[], now: Date): Promise<StartableAct[]> {
  return startableActs(
    em,
    (columns) => `update acts set due_at = least(due_at, $2::timestamptz),
         argument = jsonb_set(argument, '{dueAt}', to_jsonb(least(argument->>'dueAt', $3::text))),
         state = case when state = 'working' then state else 'wanted' end, verb = 'signal',
         leased_until = clock_timestamp() + ${LEASE}, changed_at = clock_timestamp()
     where id = any($1::text[]) and state in ('wanted', 'waiting', 'working')
     returning ${columns}`,
    [ids, now.toISOString(), now.toISOString()],
  );
}
