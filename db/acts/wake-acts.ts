import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../sql.ts';
import { startableActs, type StartableAct } from './act.ts';
import { LEASE } from './lease.ts';
import { entering, inState } from './transitions.ts';

/**
 * Has the workflows of open acts look again, after what they wait for has moved to now: a running one is woken, one
 * that does not run yet is started.
 */
export async function wakeActs(em: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql(
    em,
    `update acts set state = ${entering('wake')}, verb = 'signal', leased_until = null, changed_at = clock_timestamp()
     where id = any($1::text[]) and ${inState('wake')}`,
    [ids],
  );
}

/**
 * The same for one act on somebody's behalf, who starts it after the commit.
 *
 * @returns undefined: it does not wait.
 */
export async function wakeAct(
  em: EntityManager,
  organizationId: string,
  id: string,
): Promise<StartableAct | undefined> {
  const [act] = await startableActs(
    em,
    (columns) => `update acts set state = ${entering('wake')}, verb = 'signal',
         leased_until = clock_timestamp() + ${LEASE}, changed_at = clock_timestamp()
     where id = $1 and organization_id = $2 and ${inState('wake')}
     returning ${columns}`,
    [id, organizationId],
  );
  return act;
}

/**
 * Tells the workflow of a subscription's running period that there is nothing left to wait for: it looks, finds the
 * subscription ended, and ends. Periods that were due before the last day and could not be billed stay wanted; that of
 * the last day belongs to the last invoice.
 *
 * @param lastDay `YYYY-MM-DD` in the customer's calendar.
 * @param now the organization's clock.
 */
export async function wakePeriodsFrom(
  em: EntityManager,
  { id, organizationId }: { readonly id: string; readonly organizationId: string },
  lastDay: string,
  now: Date,
): Promise<void> {
  await sql(
    em,
    `update acts set state = ${entering('wake')}, verb = 'signal', due_at = least(due_at, $3::timestamptz),
                     leased_until = null, changed_at = clock_timestamp()
     where organization_id = $4 and subscription_id = $1 and kind = 'period' and ${inState('wake')}
       and argument->>'billingDay' >= $2`,
    [id, lastDay, now.toISOString(), organizationId],
  );
}

/**
 * Wants failed acts again. Their new runs begin awake: the due moment has come before, and no test clock would wake
 * them for it again. Whoever calls it starts them after the commit.
 */
export function retryActs(em: EntityManager, ids: readonly string[]): Promise<StartableAct[]> {
  return startableActs(
    em,
    (columns) => `update acts set state = ${entering('retry')}, verb = 'restart',
         error = null, leased_until = clock_timestamp() + ${LEASE}, changed_at = clock_timestamp()
     where id = any($1::text[]) and ${inState('retry')}
     returning ${columns}`,
    [ids],
  );
}
