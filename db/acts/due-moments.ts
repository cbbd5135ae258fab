import type { EntityManager } from '@mikro-orm/postgresql';
import type { ActState } from '../entities/acts/act.ts';
import { instantOf, sql } from '../sql.ts';
import { startableActs, type StartableAct, type WantedAct } from './act.ts';
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

/** A period as its act names it. */
export interface NamedPeriod {
  readonly actId: string;
  readonly billingDay: string;
  readonly periodKey: string;
  readonly timeZone: string;
}

/** Has the acts of periods say what they bill. */
export async function renamePeriods(em: EntityManager, periods: readonly NamedPeriod[]): Promise<void> {
  if (periods.length === 0) return;
  await sql(
    em,
    `update acts set argument = acts.argument || moved.terms
     from unnest($1::text[], $2::jsonb[]) as moved (id, terms) where acts.id = moved.id`,
    [
      periods.map(({ actId }) => actId),
      periods.map(({ billingDay, periodKey, timeZone }) => JSON.stringify({ billingDay, periodKey, timeZone })),
    ],
  );
}

/** A subscription's open act: of its running period, or of its coming start. */
export interface RunningAct {
  readonly id: string;
  readonly kind: string;
  readonly subscriptionId: string;
}

/**
 * The open acts of subscriptions, oldest first, but those of periods that have stayed behind: they are left as they
 * were planned.
 */
export function runningActs(
  em: EntityManager,
  organizationIds: readonly string[],
  subscriptionIds: readonly string[],
): Promise<RunningAct[]> {
  return sql<RunningAct>(
    em,
    `select acts.id, acts.kind, acts.subscription_id as "subscriptionId"
     from acts join subscriptions on subscriptions.id = acts.subscription_id
     where acts.organization_id = any($1::uuid[]) and acts.subscription_id = any($2::uuid[])
       and acts.kind in ('period', 'activate') and acts.${IS_OPEN}
       and (acts.kind <> 'period' or subscriptions.last_billing_day is null
         or acts.argument->>'billingDay' > subscriptions.last_billing_day::text)
     order by acts.created_at, acts.id`,
    [organizationIds, subscriptionIds],
  );
}

/**
 * SQL: whether a workflow that sleeps in real time has to be told that its moment comes earlier; a test clock compares
 * by itself.
 */
export const SLEEPS_TOO_LONG = `acts.state = 'waiting' and moved.due_at < acts.due_at
       and not (acts.argument->>'frozen')::boolean`;

/**
 * Has running acts wait for what the present rows say. A workflow that would sleep too long is told to look again; one
 * that waits too short a time finds the truth when it wakes.
 *
 * @param moved the acts as they would be wanted now, under the ids of those that run.
 */
export async function replanActs(em: EntityManager, moved: readonly WantedAct[]): Promise<void> {
  await sql(
    em,
    `update acts set state = ${enteringIf(SLEEPS_TOO_LONG, 'moveEarlier')},
       verb = case when ${SLEEPS_TOO_LONG} then 'signal' else acts.verb end,
       due_at = moved.due_at, rank = moved.rank, summary = moved.summary, argument = moved.argument,
       changed_at = clock_timestamp()
     from unnest($1::text[], $2::timestamptz[], $3::int[], $4::text[], $5::jsonb[])
       as moved (id, due_at, rank, summary, argument)
     where acts.id = moved.id and (acts.due_at <> moved.due_at or acts.argument - 'dueAt' <> moved.argument)`,
    [
      moved.map((act) => act.id),
      moved.map((act) => act.dueAt?.toISOString()),
      moved.map((act) => act.rank),
      moved.map((act) => act.summary),
      moved.map((act) => JSON.stringify(act.argument)),
    ],
  );
}
