import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../sql.ts';
import { startableActs, type StartableAct } from './act.ts';
import { entering, inState } from './transitions.ts';

/*
 * What a move of a test clock (`open-move.ts`) reads and writes (docs/architecture/time.md). Acts that run
 * in real time (`aside`) are nothing to it.
 */

/** Where a move ends; null: it has ended. */
export async function targetOfMove(
  em: EntityManager,
  { actId, organizationId }: { readonly actId: string; readonly organizationId: string },
): Promise<Date | null> {
  const [move] = await sql<{ target: string }>(
    em,
    `select argument->>'target' as target from acts where id = $1 and organization_id = $2 and state <> 'done'`,
    [actId, organizationId],
  );
  return move ? new Date(move.target) : null;
}

/** Has a move end at another moment. */
export async function setTargetOfMove(em: EntityManager, id: string, target: Date): Promise<void> {
  await sql(em, `update acts set argument = argument || jsonb_build_object('target', $2::text) where id = $1`, [
    id,
    target.toISOString(),
  ]);
}

/** Notes the moment whose work a move has woken. */
export async function noteMomentOfMove(em: EntityManager, id: string, moment: Date): Promise<void> {
  await sql(
    em,
    `update acts set argument = argument || jsonb_build_object('moment', $2::text), changed_at = clock_timestamp()
     where id = $1`,
    [id, moment.toISOString()],
  );
}

/** How many of an organization's acts are at work, or wait to be started for work at once, beside the move itself. */
export async function countWorkBeside(
  em: EntityManager,
  { actId, organizationId }: { readonly actId: string; readonly organizationId: string },
): Promise<number> {
  const [working] = await sql<{ open: string }>(
    em,
    `select count(*) as open from acts
     where organization_id = $1 and id <> $2 and not aside
       and (state = 'working' or (state = 'wanted' and due_at is null))`,
    [organizationId, actId],
  );
  return Number(working?.open);
}

/**
 * Has the acts of an organization's next due moment work, those of the lowest rank; none: nothing is due up to the
 * target.
 */
export function reachNextMoment(em: EntityManager, organizationId: string, target: Date): Promise<StartableAct[]> {
  return startableActs(
    em,
    (columns) => `with first as (
       select due_at, rank from acts
       where organization_id = $1 and state in ('wanted', 'waiting') and not aside and due_at <= $2::timestamptz
       order by due_at, rank limit 1)
     update acts set state = ${entering('reachMoment')}, leased_until = null, changed_at = clock_timestamp()
     from first
     where acts.organization_id = $1 and ${inState('reachMoment')} and not acts.aside
       and acts.due_at = first.due_at and acts.rank = first.rank
     returning ${columns}`,
    [organizationId, target.toISOString()],
  );
}

/** The acts that a move has woken and that are still at work. */
export const wokenActs = (em: EntityManager, organizationId: string): Promise<StartableAct[]> =>
  startableActs(
    em,
    (columns) => `select ${columns} from acts
     where organization_id = $1 and state = 'working' and not aside and due_at is not null`,
    [organizationId],
  );
