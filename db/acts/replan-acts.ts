import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../sql.ts';
import type { WantedAct } from './act.ts';
import { sleepsBeyond, toldIf } from './move-earlier.ts';
import { IS_OPEN } from './transitions.ts';

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
 * Has running acts wait for what the present rows say. A workflow that would sleep too long is told to look again; one
 * that waits too short a time finds the truth when it wakes.
 *
 * @param moved the acts as they would be wanted now, under the ids of those that run.
 */
export async function replanActs(em: EntityManager, moved: readonly WantedAct[]): Promise<void> {
  await sql(
    em,
    `update acts set ${toldIf(sleepsBeyond('moved.due_at'))},
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
