import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../db/sql.ts';
import type { Ended } from './end-subscriptions.ts';

/** Drafts that one call brings forward at most: it stays well below its time limit. */
const LIMIT = 1000;

/** The subscriptions of what is ended; parameters 1 and 2. */
const subscriptionsOf = (ended: Ended): string =>
  'customerId' in ended
    ? `select id from subscriptions where organization_id = $1 and customer_id = $2`
    : `select id from subscriptions where organization_id = $1
         and plan_id in (select id from plans where organization_id = $1 and (id = $2 or parent_id = $2))`;

/** The open acts that make drafts final; parameters 1 and 2. */
const finalizeActsOf = (ended: Ended): string =>
  'customerId' in ended
    ? `select id from acts where organization_id = $1 and customer_id = $2 and kind = 'finalize'
         and state in ('wanted', 'waiting', 'working')`
    : `select acts.id from acts join invoices on invoices.id = acts.invoice_id and invoices.status = 'draft'
       where acts.organization_id = $1 and acts.kind = 'finalize' and acts.state in ('wanted', 'waiting', 'working')
         and exists (select from invoice_subscriptions row
                     where row.invoice_id = invoices.id and row.subscription_id in (${subscriptionsOf(ended)}))`;

const idOf = (ended: Ended): string => ('customerId' in ended ? ended.customerId : ended.planId);

/**
 * Whether an invoice of the subscriptions of what is ended is still being made, which may become a draft. One that has failed is
 * not waited for: an operator sees to it.
 */
export async function isBeingBilled(em: EntityManager, ended: Ended): Promise<boolean> {
  const [row] = await sql<{ busy: boolean }>(
    em,
    `select exists (select from acts
       where organization_id = $1 and kind in ('start', 'end', 'period') and state in ('wanted', 'working')
         and subscription_id in (${subscriptionsOf(ended)})) as busy`,
    [ended.organizationId, idOf(ended)],
  );
  return row?.busy === true;
}

/**
 * Has the drafts of what is ended made final at a moment, those whose day comes sooner then. Calculated from zero at that moment,
 * each is refreshed by it. May run any number of times.
 *
 * @param at null: now, whatever moment the organization's clock shows.
 * @returns whether there are more of them.
 */
export async function finalizeEarly(em: EntityManager, ended: Ended, at: Date | null): Promise<boolean> {
  const { brought } = (
    await sql<{ brought: number }>(
      em,
      `with early as (
         select id from acts
         where id in (${finalizeActsOf(ended)}) and due_at is not null
           and ($3::timestamptz is null or due_at > $3::timestamptz)
         order by id limit ${LIMIT} for no key update),
       changed as (
         update acts set due_at = $3::timestamptz, argument = jsonb_set(acts.argument, '{dueAt}', coalesce(to_jsonb($4::text), 'null')),
           verb = case when $3::timestamptz is null or acts.state = 'waiting' and not (acts.argument->>'frozen')::boolean
                       then 'signal' else acts.verb end,
           state = case when $3::timestamptz is null or acts.state = 'waiting' and not (acts.argument->>'frozen')::boolean
                        then 'wanted' else acts.state end,
           changed_at = clock_timestamp()
         from early where acts.id = early.id
         returning 1)
       select count(*)::int as brought from changed`,
      [ended.organizationId, idOf(ended), at?.toISOString() ?? null, at?.toISOString() ?? null],
    )
  )[0]!;
  return brought === LIMIT;
}

/** Whether one of the drafts is still being made final. One that has failed is not waited for: an operator sees to it. */
export async function isBeingFinalized(em: EntityManager, ended: Ended): Promise<boolean> {
  const [row] = await sql<{ busy: boolean }>(em, `select exists (${finalizeActsOf(ended)}) as busy`, [
    ended.organizationId,
    idOf(ended),
  ]);
  return row?.busy === true;
}
