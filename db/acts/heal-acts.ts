import type { EntityManager } from '@mikro-orm/postgresql';
import { instantOf, sql } from '../sql.ts';
import { entering, inState } from './transitions.ts';

/** An act may be late by this much before it counts as overdue. */
const GRACE = '2 minutes';

export interface OverdueAct {
  readonly id: string;
  readonly dueAt: Date | null;
}

/**
 * Wants acts again that should have been done, and work that nobody seems to do.
 *
 * @param now real time: the clock of live organizations. What is due by a test clock is late only when it is at work.
 */
export async function healOverdue(em: EntityManager, now: Date, limit: number): Promise<OverdueAct[]> {
  const healed = await sql<{ id: string; dueAt: string | null }>(
    em,
    `with overdue as (
       select acts.id from acts join organizations on organizations.id = acts.organization_id
       where ((acts.state = 'waiting' and (organizations.clock_now is null or acts.aside)
               and acts.due_at < $1::timestamptz - $2::interval and acts.changed_at < clock_timestamp() - $2::interval)
           or (acts.state = 'working' and acts.changed_at < clock_timestamp() - $2::interval))
       order by acts.due_at nulls first
       limit $3
       for update of acts skip locked)
     update acts set state = ${entering('heal')}, verb = 'signal', leased_until = null, changed_at = clock_timestamp()
     from overdue where acts.id = overdue.id and ${inState('heal')}
     returning acts.id, acts.due_at as "dueAt"`,
    [now.toISOString(), GRACE, limit],
  );
  return healed.map(({ id, dueAt }) => ({ id, dueAt: instantOf(dueAt) }));
}

/**
 * Notes which store Temporal has, and wants every open act again when it is another one than last time: PostgreSQL is
 * the only backup. Under the server row's lock, so that of several workers one does it.
 *
 * @param namespaceId made anew by a new store.
 * @returns how many acts.
 */
export async function adoptStore(em: EntityManager, namespaceId: string): Promise<number> {
  const [server] = await sql<{ known: string | null }>(
    em,
    'select temporal_namespace_id as known from server where id = 1 for update',
  );
  if (server?.known === namespaceId) return 0;
  await sql(em, 'update server set temporal_namespace_id = $1 where id = 1', [namespaceId]);
  const again = await sql(
    em,
    `update acts set state = ${entering('heal')}, verb = 'start', leased_until = null, changed_at = clock_timestamp()
     where ${inState('heal')} returning id`,
  );
  return again.length;
}
