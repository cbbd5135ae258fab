import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../sql.ts';
import { startableActs, type StartableAct } from './act.ts';
import { LEASE } from './lease.ts';

/**
 * Has the workflows of open acts look again, after what they wait for has moved to now: a running one is woken, one that does
 * not run yet is started.
 */
export async function wakeActs(em: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql(
    em,
    `update acts set state = 'wanted', verb = 'signal', leased_until = null, changed_at = clock_timestamp()
     where id = any($1::text[]) and state in ('wanted', 'waiting')`,
    [ids],
  );
}

/**
 * Wants failed acts again. Their new runs begin awake: the due moment has come before, and no test clock would wake them for it
 * again. Whoever calls it starts them after the commit.
 */
export function retryActs(em: EntityManager, ids: readonly string[]): Promise<StartableAct[]> {
  return startableActs(
    em,
    (columns) => `update acts set state = 'wanted', verb = 'restart',
         error = null, leased_until = clock_timestamp() + ${LEASE}, changed_at = clock_timestamp()
     where id = any($1::text[]) and state = 'failed'
     returning ${columns}`,
    [ids],
  );
}
