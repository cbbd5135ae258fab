import type { EntityManager } from '@mikro-orm/postgresql';
import type { ActState } from '../entities/acts/act.ts';
import { instantOf, sql } from '../sql.ts';
import { enteringIf, inState } from './transitions.ts';

/** What an act's own activity finds in its row after it has looked. */
export interface PlannedAct {
  readonly state: ActState;
  readonly dueAt: Date;
  readonly rank: number;
}

/**
 * Has an act wait if its moment lies ahead.
 *
 * @param now the organization's clock.
 * @param later where it belongs; undefined: where its row says.
 * @returns undefined: there is no such act.
 */
export async function waitIfLater(
  em: EntityManager,
  { actId, organizationId }: { readonly actId: string; readonly organizationId: string },
  now: Date,
  later?: { readonly dueAt: Date; readonly rank?: number },
): Promise<PlannedAct | undefined> {
  const [act] = await sql<{ state: ActState; dueAt: string; rank: number }>(
    em,
    `update acts set
       state = ${enteringIf(
         `${inState('waitLonger')} and coalesce($3::timestamptz, due_at) > $5::timestamptz`,
         'waitLonger',
       )},
       due_at = coalesce($3::timestamptz, due_at), rank = coalesce($4::int, rank), changed_at = clock_timestamp()
     where id = $1 and organization_id = $2 returning state, due_at as "dueAt", rank`,
    [actId, organizationId, later?.dueAt.toISOString() ?? null, later?.rank ?? null, now.toISOString()],
  );
  return act && { ...act, dueAt: instantOf(act.dueAt) };
}

/** Has an act that is at work go on to what it waits for next. */
export async function moveToNext(
  em: EntityManager,
  actId: string,
  next: { readonly dueAt: Date; readonly rank: number },
): Promise<void> {
  await sql(em, `update acts set due_at = $2::timestamptz, rank = $3, changed_at = clock_timestamp() where id = $1`, [
    actId,
    next.dueAt.toISOString(),
    next.rank,
  ]);
}
