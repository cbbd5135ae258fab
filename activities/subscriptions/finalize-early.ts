import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../db/sql.ts';
import { ENDED_PLANS, type Ended, type EndedPlan } from './end-subscriptions.ts';

/** Drafts that one call brings forward at most: it stays well below its time limit. */
const LIMIT = 1000;

/** A subquery: the subscriptions of a plan and its overrides; parameters $1 the organization, $2 the plan. */
const SUBSCRIPTIONS = `select id from subscriptions where organization_id = $1 and plan_id in (${ENDED_PLANS})`;

/** The open acts that make a plan's drafts final; parameters as above. */
const ACTS_OF_PLAN = `
  select acts.id from acts join invoices on invoices.id = acts.invoice_id and invoices.status = 'draft'
  where acts.organization_id = $1 and acts.kind = 'finalize' and acts.state in ('wanted', 'waiting', 'working')
    and exists (select from invoice_subscriptions row
                where row.invoice_id = invoices.id and row.subscription_id in (${SUBSCRIPTIONS}))`;

/** Those of a customer; parameters $1 the organization, $2 the customer. */
const ACTS_OF_CUSTOMER = `
  select id from acts
  where organization_id = $1 and customer_id = $2 and kind = 'finalize' and state in ('wanted', 'waiting', 'working')`;

/**
 * Whether an invoice of a plan's subscriptions is still being made, which may become a draft. One that has failed is not waited
 * for: an operator sees to it.
 */
export const isBeingBilled = (em: EntityManager, { organizationId, planId }: EndedPlan): Promise<boolean> =>
  isThere(
    em,
    `select from acts
     where organization_id = $1 and kind in ('start', 'end', 'period') and state in ('wanted', 'working')
       and subscription_id in (${SUBSCRIPTIONS})`,
    [organizationId, planId],
  );

/** Whether a draft of a plan is still being made final. One that has failed is not waited for: an operator sees to it. */
export const isBeingFinalized = (em: EntityManager, { organizationId, planId }: EndedPlan): Promise<boolean> =>
  isThere(em, ACTS_OF_PLAN, [organizationId, planId]);

async function isThere(em: EntityManager, query: string, parameters: readonly unknown[]): Promise<boolean> {
  const [row] = await sql<{ there: boolean }>(em, `select exists (${query}) as there`, parameters);
  return row?.there === true;
}

/**
 * Has the drafts of what is ended made final at a moment, those whose day comes sooner then. Calculated from zero at that moment,
 * each is refreshed by it. May run any number of times.
 *
 * @param at null: now, whatever moment the organization's clock shows.
 * @returns whether there are more of them.
 */
export async function finalizeEarly(em: EntityManager, ended: Ended, at: Date | null): Promise<boolean> {
  const ofCustomer = 'customerId' in ended;
  const moment = at?.toISOString() ?? null;
  const [row] = await sql<{ brought: number }>(
    em,
    `with early as (
         select id from acts
         where id in (${ofCustomer ? ACTS_OF_CUSTOMER : ACTS_OF_PLAN}) and due_at is not null
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
    [ended.organizationId, ofCustomer ? ended.customerId : ended.planId, moment, moment],
  );
  return row?.brought === LIMIT;
}
