import type { EntityManager } from '@mikro-orm/postgresql';
import { currentTraceparent } from '../../telemetry/trace-context.ts';
import type { ActVerb } from '../entities/act.ts';
import { instantOf, sql } from '../sql.ts';

/** An act as its cause writes it (docs/architecture.md, Acts). */
export interface WantedAct {
  /** The workflow's id, made in `workflows/ids.ts`. */
  readonly id: string;
  readonly organizationId: string;
  readonly kind: string;
  readonly queue: string;
  readonly rank: number;
  readonly argument: Readonly<Record<string, unknown>>;
  /** The moment of the organization's clock at which it works; null: at once. */
  readonly dueAt: Date | null;
  readonly customerId: string | null;
  readonly subscriptionId: string | null;
  readonly invoiceId?: string | null;
  /** Runs in real time, beside the organization's clock. */
  readonly aside?: boolean;
  /** One line for the Temporal UI: ids and dates, never names. */
  readonly summary: string;
}

/** What is needed to start an act's workflow. */
export interface StartableAct {
  readonly id: string;
  readonly organizationId: string;
  readonly kind: string;
  readonly verb: ActVerb;
  readonly queue: string;
  readonly argument: Record<string, unknown>;
  readonly dueAt: Date | null;
  readonly customerId: string | null;
  readonly subscriptionId: string | null;
  readonly invoiceId: string | null;
  readonly summary: string;
  /** The trace of its cause; absent or null: it begins one of its own. */
  readonly traceparent?: string | null;
}

/** What is to be started once its transaction has committed. */
export type ActToStart = WantedAct | StartableAct;

/** How long whoever takes wanted acts has them for himself before others may start them too. */
const LEASE = `interval '10 seconds'`;

const startableColumns = `acts.id, acts.organization_id as "organizationId", acts.kind, acts.verb, acts.queue,
  acts.argument, acts.due_at as "dueAt", acts.customer_id as "customerId", acts.subscription_id as "subscriptionId",
  acts.invoice_id as "invoiceId", acts.summary, acts.traceparent`;

/**
 * Runs a statement on `acts` that answers startable acts.
 *
 * @param text makes the statement from the list of columns, for its `select` or `returning`.
 */
export async function startableActs(
  em: EntityManager,
  text: (columns: string) => string,
  parameters: readonly unknown[],
): Promise<StartableAct[]> {
  const rows = await sql<Omit<StartableAct, 'dueAt'> & { readonly dueAt: string | null }>(
    em,
    text(startableColumns),
    parameters,
  );
  return rows.map((row) => ({ ...row, dueAt: instantOf(row.dueAt) }));
}

/**
 * Writes acts in the transaction of their cause. An act that exists already is left as it is. Leases and changes of state are
 * in the database's real time, since they are compared across processes; everything else is in the organization's time.
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
 * Has the workflows of these acts look at their work, whatever has become of them: one that sleeps is woken, one that has
 * ended, or never began, is started. One that is wanted or at work already will look by itself.
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
    `do update set state = 'wanted', verb = 'signal', leased_until = excluded.leased_until, changed_at = excluded.changed_at,
                   traceparent = excluded.traceparent
     where acts.state not in ('wanted', 'working')`,
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

/** Its parameters are those of `insertedActs`. */
const INSERT_ACTS = `
  insert into acts (id, organization_id, kind, queue, rank, argument, due_at, customer_id, subscription_id, invoice_id,
                    aside, traceparent, summary, leased_until, changed_at, created_at)
  select *, case when $12::boolean then clock_timestamp() + ${LEASE} end, clock_timestamp(), $11::timestamptz
  from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::jsonb[], $7::timestamptz[], $8::uuid[],
              $9::uuid[], $13::uuid[], $14::boolean[], $15::text[], $10::text[])`;

const insertedActs = (
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
  acts.map((act) => act.aside ?? false),
  acts.map((act) => (beginsItsOwnTrace(act, now, startedBy) ? null : currentTraceparent())),
];

/**
 * Has an open or failed act done at once and not at its moment, because somebody asks for it.
 *
 * @returns the act as it is now, and whether this call has changed it; undefined when there is none, or it is done.
 */
export async function hastenAct(
  em: EntityManager,
  organizationId: string,
  id: string,
): Promise<{ readonly act: StartableAct; readonly isFirst: boolean } | undefined> {
  const [hastened] = await startableActs(
    em,
    (columns) => `update acts set state = 'wanted', verb = 'signal', due_at = null, error = null,
       argument = jsonb_set(acts.argument, '{dueAt}', 'null'), changed_at = clock_timestamp(),
       leased_until = clock_timestamp() + ${LEASE}
     where id = $1 and organization_id = $2 and (state = 'failed' or state <> 'done' and due_at is not null)
     returning ${columns}`,
    [id, organizationId],
  );
  if (hastened) return { act: hastened, isFirst: true };
  const [open] = await startableActs(
    em,
    (columns) => `select ${columns} from acts where id = $1 and organization_id = $2 and state <> 'done'`,
    [id, organizationId],
  );
  return open && { act: open, isFirst: false };
}

/**
 * What a workflow wants for later begins a trace of its own: a subscription's periods, each the cause of the next, would else be
 * one trace over all its years.
 */
const beginsItsOwnTrace = ({ dueAt }: WantedAct, now: Date, startedBy: 'writer' | 'dispatcher'): boolean =>
  startedBy === 'dispatcher' && dueAt !== null && dueAt > now;

/**
 * Leases up to `limit` wanted acts for starting. What is due far ahead waits while something due is still being done: the
 * starts of next periods would take the peak's machine time, and the periods themselves are safe in their rows.
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
 * Notes that the workflows of these acts run: one without a due moment, or one that was told to look again, is at work. An act
 * that its workflow has finished meanwhile stays as it is.
 */
export async function markStarted(em: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql(
    em,
    `update acts set state = case when due_at is null or verb <> 'start' then 'working' else 'waiting' end, verb = 'start',
                     leased_until = null, changed_at = clock_timestamp()
     where id = any($1::text[]) and state = 'wanted'`,
    [ids],
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
 * Notes that an act's workflow is at work. Whatever asked it to look did so before: what is read from now on holds the reason,
 * also within the same transaction.
 */
export async function takeUpAct(em: EntityManager, id: string): Promise<void> {
  await sql(
    em,
    `update acts set state = 'working', verb = 'start', leased_until = null, error = null, changed_at = clock_timestamp()
     where id = $1`,
    [id],
  );
}

/**
 * Notes that an act's workflow, which was at work, waits until `dueAt`, or has nothing left to do (null). Wanted again meanwhile,
 * it stays so: it is being told.
 */
export async function layDownAct(em: EntityManager, id: string, dueAt: Date | null): Promise<void> {
  await sql(
    em,
    `update acts set state = case when $2::timestamptz is null then 'done' else 'waiting' end, due_at = $2::timestamptz,
                     changed_at = clock_timestamp()
     where id = $1 and state = 'working'`,
    [id, dueAt?.toISOString() ?? null],
  );
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

/**
 * Marks acts done, in the transaction of their effect.
 *
 * @param invoiceId what they have made; null: no invoice.
 */
export async function finishActs(
  em: EntityManager,
  ids: readonly string[],
  invoiceId: string | null = null,
): Promise<void> {
  if (ids.length === 0) return;
  await sql(
    em,
    `update acts set state = 'done', leased_until = null, error = null, invoice_id = coalesce($2::uuid, invoice_id),
                     changed_at = clock_timestamp()
     where id = any($1::text[]) and state <> 'done'`,
    [ids, invoiceId],
  );
}

/**
 * Marks acts done and writes what comes after them, as `finishActs` and `wantActs` do, in one statement. The dispatcher starts the
 * successors. No act may be among both.
 *
 * @param now the organization's clock.
 */
export async function succeedActs(
  em: EntityManager,
  ids: readonly string[],
  successors: readonly WantedAct[],
  { invoiceId, now }: { readonly invoiceId: string | null; readonly now: Date },
): Promise<void> {
  await sql(
    em,
    `with successors as (${INSERT_ACTS} on conflict (id) do nothing)
     update acts set state = 'done', leased_until = null, error = null, invoice_id = coalesce($17::uuid, invoice_id),
                     changed_at = clock_timestamp()
     where id = any($16::text[]) and state <> 'done'`,
    [...insertedActs(successors, now, 'dispatcher'), ids, invoiceId],
  );
}

/**
 * Marks acts failed: nothing goes on until an operator acts.
 *
 * @param invoiceId the invoice that they could not make; null: none.
 */
export async function failActs(
  em: EntityManager,
  ids: readonly string[],
  error: string,
  invoiceId: string | null = null,
): Promise<void> {
  await sql(
    em,
    `update acts set state = 'failed', leased_until = null, error = $2, invoice_id = coalesce($3::uuid, invoice_id),
                     changed_at = clock_timestamp()
     where id = any($1::text[]) and state <> 'done'`,
    [ids, error, invoiceId],
  );
}

/** Whether an act was done at this moment of real time or later. */
export async function isDoneSince(
  em: EntityManager,
  organizationId: string,
  id: string,
  since: Date,
): Promise<boolean> {
  const rows = await sql(
    em,
    `select 1 from acts where id = $1 and organization_id = $2 and state = 'done' and changed_at >= $3::timestamptz`,
    [id, organizationId, since.toISOString()],
  );
  return rows.length > 0;
}

/** Whether something started on the organization's behalf still works, or waits to be started. */
export async function isBusy(em: EntityManager, organizationId: string): Promise<boolean> {
  const [row] = await sql<{ busy: boolean }>(
    em,
    `select exists (select 1 from acts where organization_id = $1 and state in ('wanted', 'working') and not aside) as busy`,
    [organizationId],
  );
  return row?.busy === true;
}
