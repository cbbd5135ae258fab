import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../sql.ts';
import { startableActs, type StartableAct } from './act.ts';
import { entering, inState } from './transitions.ts';

type StartedAct = Pick<StartableAct, 'id' | 'leasedUntil'>;

/** For how long wanted acts belong to whoever takes them, before others may start them too: an SQL interval. */
export const LEASE = `interval '10 seconds'`;

/**
 * Leases up to `limit` wanted acts for starting. What is due far ahead waits while something due is still being done:
 * the starts of next periods would take the peak's machine time, and the periods themselves are safe in their rows.
 *
 * @param now real time: the clock of live organizations.
 */
export function leaseWantedActs(em: EntityManager, now: Date, limit: number): Promise<StartableAct[]> {
  return startableActs(
    em,
    (columns) => `with peak as materialized (
       select exists (
         select 1 from acts join organizations on organizations.id = acts.organization_id
         where acts.state in ('waiting', 'working') and organizations.clock_now is null and not acts.aside
           and acts.due_at <= $1::timestamptz and acts.due_at > $1::timestamptz - interval '10 minutes') as live),
     due as (
       select acts.id from acts join organizations on organizations.id = acts.organization_id cross join peak
       where acts.state = 'wanted' and (acts.leased_until is null or acts.leased_until < clock_timestamp())
         and (acts.due_at is null or acts.aside
           or acts.due_at <= coalesce(organizations.clock_now, $1::timestamptz) + interval '1 minute'
           or case when organizations.clock_now is null then not peak.live
                   else not exists (select 1 from acts busy where busy.organization_id = acts.organization_id
                                      and busy.state = 'working' and not busy.aside) end)
       order by acts.due_at nulls first
       limit $2
       for update of acts skip locked)
     update acts set leased_until = clock_timestamp() + ${LEASE}
     from due where acts.id = due.id
     returning ${columns}`,
    [now.toISOString(), limit],
  );
}

/**
 * Leases acts on for whoever wrote them: those that are still wanted to start, and whose lease nobody else could take.
 */
export function keepLeased(em: EntityManager, ids: readonly string[]): Promise<StartableAct[]> {
  return startableActs(
    em,
    (columns) => `update acts set leased_until = clock_timestamp() + ${LEASE}
     where id = any($1::text[]) and state = 'wanted' and verb = 'start' and leased_until > clock_timestamp()
     returning ${columns}`,
    [ids],
  );
}

/**
 * Notes that the workflows of these acts run: one without a due moment, or one that was told to look again, is at work.
 * An act that its workflow has finished meanwhile stays as it is. So does one that has been woken or moved to an
 * earlier moment while it was being started, which takes the lease away: its workflow may have looked before, and is
 * told again.
 */
export async function markStarted(em: EntityManager, acts: readonly StartedAct[]): Promise<void> {
  if (acts.length === 0) return;
  await sql(
    em,
    // In one order: a page of bills, too, changes many acts in one statement.
    `with held as materialized (
       select acts.id from unnest($1::text[], $2::timestamptz[]) as started (id, leased_until)
         join acts on acts.id = started.id
       where ${inState('startWorking')} and acts.leased_until = coalesce(started.leased_until, acts.leased_until)
       order by acts.id for no key update of acts)
     update acts set state = case when due_at is null or verb <> 'start' then ${entering('startWorking')}
                                  else ${entering('startWaiting')} end,
                     verb = 'start', leased_until = null, changed_at = clock_timestamp()
     from held where acts.id = held.id and ${inState('startWorking')}`,
    [acts.map(({ id }) => id), acts.map(({ leasedUntil }) => leasedUntil ?? null)],
  );
}

/** Gives acts back that could not be started, for the next round of the dispatcher. */
export async function releaseActs(em: EntityManager, ids: readonly string[], delayMs: number): Promise<void> {
  if (ids.length === 0) return;
  await sql(
    em,
    `update acts set leased_until = clock_timestamp() + make_interval(secs => $2 / 1000.0)
     where id = any($1::text[]) and state = 'wanted'`,
    [ids, delayMs],
  );
}
