import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../sql.ts';
import { entering, inState } from './transitions.ts';

/**
 * Notes that an act's workflow is at work. Whatever asked it to look did so before: what is read from now on holds the
 * reason, also within the same transaction.
 */
export async function markWorking(em: EntityManager, id: string): Promise<void> {
  await sql(
    em,
    `update acts set state = ${entering('markWorking')}, verb = 'start', leased_until = null, error = null,
                     changed_at = clock_timestamp()
     where id = $1 and ${inState('markWorking')}`,
    [id],
  );
}

/**
 * Notes that an act's workflow, which was at work, waits until `dueAt`, or has nothing left to do (null). Wanted again
 * meanwhile, it stays so: it is being told.
 *
 * @param trouble what keeps it from being done already; null: its time has not come.
 */
export async function markWaitingUntil(
  em: EntityManager,
  id: string,
  dueAt: Date | null,
  trouble: string | null = null,
): Promise<void> {
  await sql(
    em,
    `update acts set state = case when $2::timestamptz is null then ${entering('markIdle')}
                                  else ${entering('markWaitingUntil')} end,
                     due_at = $2::timestamptz, error = $3, changed_at = clock_timestamp()
     where id = $1 and ${inState('markWaitingUntil')}`,
    [id, dueAt?.toISOString() ?? null, trouble],
  );
}
