import type { EntityManager } from '@mikro-orm/postgresql';
import { Refusal } from '../billing/refusal.ts';
import type { ActState } from './entities/acts/act.ts';
import { IS_OPEN } from './acts/transitions.ts';
import { sql } from './sql.ts';

/** How long a request waits for a customer's lock before it is refused (docs/architecture/acts.md, One lock). */
const REQUEST_WAIT = '2s';

/** No statement of a billing transaction takes longer; the activity's own limit is above it. */
const STATEMENT_LIMIT = '8s';

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * An act looks all its rows up by key. So its statements are planned once for a connection: what was planned anew for
 * each act cost PostgreSQL more than doing it. And no table is read whole, however small it was when that plan was
 * made.
 */
const PLANNED_ONCE = `set_config('plan_cache_mode', 'force_generic_plan', true),
            set_config('enable_seqscan', 'off', true)`;

/**
 * Takes the one lock of durabill for a request: held to the end of the transaction, by whoever changes the customer's
 * money. It is an advisory lock, because a row lock on `customers` would stall every insert that references them.
 *
 * @throws Refusal 422 `lock_acquisition_failed` after two seconds.
 */
export async function lockCustomer(em: EntityManager, customerId: string): Promise<void> {
  try {
    // The limits are set before the lock is asked for: it is asked for each row of what is materialized.
    await sql(
      em,
      `with limits as materialized (
         select set_config('lock_timeout', $2, true), set_config('statement_timeout', $3, true))
       select pg_advisory_xact_lock(hashtextextended($1, 0)) from limits`,
      [customerId, REQUEST_WAIT, STATEMENT_LIMIT],
    );
  } catch (error) {
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) throw new Refusal({ kind: 'lock_busy' });
    throw error;
  }
}

/** The same lock for a workflow, which does not wait inside a transaction: false when somebody else has it. */
export async function tryLockCustomer(em: EntityManager, customerId: string): Promise<boolean> {
  const [row] = await sql<{ locked: boolean }>(
    em,
    `select set_config('lock_timeout', $2, true), set_config('statement_timeout', $3, true),
            pg_try_advisory_xact_lock(hashtextextended($1, 0)) as locked`,
    [customerId, REQUEST_WAIT, STATEMENT_LIMIT],
  );
  return row?.locked === true;
}

/**
 * SQL: whether the running transaction holds a customer's lock. It is for what must never be written without it, not
 * for each row: PostgreSQL looks through its locks.
 *
 * @param parameter of the customer's id, as text.
 */
export const HOLDS_CUSTOMER = (parameter: string): string => `exists (
  select from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() and granted and objsubid = 1
    and (classid::bigint << 32 | objid::bigint) = hashtextextended(${parameter}::text, 0))`;

/** An act and whether its customer's lock was taken for it. */
export interface LockedAct {
  readonly state: ActState;
  readonly customerId: string;
  readonly locked: boolean;
  /** What it has made; null: no invoice, or nothing yet. */
  readonly invoiceId: string | null;
  /** The workflow that has done it; null: its own, or nobody yet. */
  readonly doneBy: string | null;
}

/**
 * Tries the lock of an act's customer, in the same statement that reads the act. The state is of the moment before:
 * read what the lock protects after it.
 *
 * @returns undefined when there is no such act.
 */
export async function lockAct(
  em: EntityManager,
  act: { readonly actId: string; readonly organizationId: string },
): Promise<LockedAct | undefined> {
  const [row] = await sql<LockedAct>(
    em,
    `select state, customer_id as "customerId", invoice_id as "invoiceId", done_by as "doneBy",
            set_config('lock_timeout', $3, true), set_config('statement_timeout', $4, true), ${PLANNED_ONCE},
            state <> 'done' and pg_try_advisory_xact_lock(hashtextextended(customer_id::text, 0)) as locked
     from acts where id = $1 and organization_id = $2`,
    [act.actId, act.organizationId, REQUEST_WAIT, STATEMENT_LIMIT],
  );
  return row;
}

/** Which customers are looked for besides one that is billed. */
export interface DueBeside {
  readonly organizationId: string;
  readonly customerId: string;
  /** Their acts are due by then. */
  readonly until: Date;
  readonly kind: string;
  readonly rank: number;
  /** Customers who are left alone. */
  readonly leftAlone: readonly string[];
  /** Nobody but these; null: whoever is due. */
  readonly among: readonly string[] | null;
  /** Customers at most. */
  readonly limit: number;
  /** Due acts that a customer has at most. */
  readonly actsOfEach: number;
}

/** Due acts that are looked at: enough for as many pages at the same time as a worker has slots. */
const LOOKED_AT = 1000;

/**
 * Tries the locks of other customers of an organization who are due for the same kind of act, the longest due first;
 * whoever is locked is left out, and so is who has a failed act of it, or one whose workflow has not been started: no
 * act is done without its workflow. Nobody is waited for.
 *
 * @returns the customers whose locks were taken; whether they are still due is seen by the next statement.
 */
export async function tryLockDueBeside(
  em: EntityManager,
  { organizationId, customerId, until, kind, rank, leftAlone, among, limit, actsOfEach }: DueBeside,
): Promise<string[]> {
  const rows = await sql<{ customerId: string }>(
    em,
    `with due as materialized (
       select customer_id, due_at from acts
       where organization_id = $1 and ${IS_OPEN} and state <> 'wanted' and due_at <= $2::timestamptz
         and kind = $3 and rank = $4 and ($8::uuid[] is null or customer_id = any($8::uuid[]))
       order by due_at limit ${LOOKED_AT}),
     failed as materialized (
       select customer_id from acts
       where organization_id = $1 and kind = $3 and state = 'failed' and customer_id is not null),
     beside as materialized (
       select customer_id from due
       where customer_id <> all($5::uuid[]) and customer_id not in (select customer_id from failed)
       group by customer_id having count(*) <= $6 order by min(due_at))
     select customer_id as "customerId" from beside
     where pg_try_advisory_xact_lock(hashtextextended(customer_id::text, 0)) limit $7`,
    [organizationId, until.toISOString(), kind, rank, [customerId, ...leftAlone], actsOfEach, limit, among],
  );
  return rows.map((row) => row.customerId);
}
