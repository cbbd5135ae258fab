import type { EntityManager } from '@mikro-orm/postgresql';
import { currentTraceparent } from '../../telemetry/trace-context.ts';
import { sql } from '../sql.ts';
import type { WantedAct } from './act.ts';
import { LEASE } from './lease.ts';
import { entering, inState } from './transitions.ts';

/**
 * Writes acts in the transaction of their cause. An act that exists already is left as it is. Leases and changes of
 * state are in the database's real time, since they are compared across processes; everything else is in the
 * organization's time.
 *
 * @param now the organization's clock.
 * @param startedBy `writer`: whoever writes them starts them after the commit, and the dispatcher only if that fails.
 */
export async function wantActs(
  em: EntityManager,
  acts: readonly WantedAct[],
  now: Date,
  { startedBy }: { readonly startedBy: 'writer' | 'dispatcher' } = { startedBy: 'writer' },
): Promise<void> {
  await insertActs(em, acts, now, startedBy, 'do nothing');
}

/**
 * Has the workflows of these acts look at their work, whatever has become of them: one that sleeps is woken, one that
 * has ended, or never began, is started. One that is wanted or at work already will look by itself. It is due when the
 * new work is, not when the old one was.
 *
 * @param now the act's time of creation, should it be new.
 */
export async function wantActsAgain(
  em: EntityManager,
  acts: readonly WantedAct[],
  now: Date,
  { startedBy }: { readonly startedBy: 'writer' | 'dispatcher' },
): Promise<void> {
  await insertActs(
    em,
    acts,
    now,
    startedBy,
    `do update set state = ${entering('wantAgain')}, verb = 'signal', due_at = excluded.due_at,
                   leased_until = excluded.leased_until, changed_at = excluded.changed_at,
                   traceparent = excluded.traceparent
     where ${inState('wantAgain')}`,
  );
}

async function insertActs(
  em: EntityManager,
  acts: readonly WantedAct[],
  now: Date,
  startedBy: 'writer' | 'dispatcher',
  onConflict: string,
): Promise<void> {
  if (acts.length === 0) return;
  await sql(em, `${INSERT_ACTS} on conflict (id) ${onConflict}`, insertedActs(acts, now, startedBy));
}

/** A statement without its `on conflict`; its parameters are those of `insertedActs`. */
export const INSERT_ACTS = `
  insert into acts (state, id, organization_id, kind, queue, rank, argument, due_at, customer_id, subscription_id,
                    invoice_id, aside, traceparent, summary, leased_until, changed_at, created_at)
  select ${entering('want')}, *, case when $12::boolean then clock_timestamp() + ${LEASE} end,
         clock_timestamp(), $11::timestamptz
  from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::jsonb[], $7::timestamptz[], $8::uuid[],
              $9::uuid[], $13::uuid[], $14::boolean[], $15::text[], $10::text[])`;

export const insertedActs = (
  acts: readonly WantedAct[],
  now: Date,
  startedBy: 'writer' | 'dispatcher',
): readonly unknown[] => [
  acts.map((act) => act.id),
  acts.map((act) => act.organizationId),
  acts.map((act) => act.kind),
  acts.map((act) => act.queue),
  acts.map((act) => act.rank),
  acts.map((act) => JSON.stringify(act.argument)),
  acts.map((act) => act.dueAt?.toISOString() ?? null),
  acts.map((act) => act.customerId),
  acts.map((act) => act.subscriptionId),
  acts.map((act) => act.summary),
  now.toISOString(),
  startedBy === 'writer',
  acts.map((act) => act.invoiceId ?? null),
  acts.map((act) => act.runsInRealTime ?? false),
  acts.map((act) => (beginsItsOwnTrace(act, now, startedBy) ? null : currentTraceparent())),
];

/**
 * What a workflow wants for later begins a trace of its own: a subscription's periods, each the cause of the next,
 * would else be one trace over all its years.
 */
const beginsItsOwnTrace = ({ dueAt }: WantedAct, now: Date, startedBy: 'writer' | 'dispatcher'): boolean =>
  startedBy === 'dispatcher' && dueAt !== null && dueAt > now;
