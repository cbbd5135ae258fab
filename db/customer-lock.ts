import type { EntityManager } from '@mikro-orm/postgresql';
import { Refusal } from '../billing/refusal.ts';
import type { ActState } from './entities/acts/act.ts';
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
    `select state, customer_id as "customerId",
            set_config('lock_timeout', $3, true), set_config('statement_timeout', $4, true), ${PLANNED_ONCE},
            state <> 'done' and pg_try_advisory_xact_lock(hashtextextended(customer_id::text, 0)) as locked
     from acts where id = $1 and organization_id = $2`,
    [act.actId, act.organizationId, REQUEST_WAIT, STATEMENT_LIMIT],
  );
  return row;
}
