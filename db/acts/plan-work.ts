import type { EntityManager } from '@mikro-orm/postgresql';
import { ENDED_PLANS } from '../queries/plans/ended-plans.ts';
import { sql } from '../sql.ts';
import { IS_OPEN } from './transitions.ts';

/* What still has to happen to the invoices of a plan and its overrides before the plan is gone. */

/** A subquery: the subscriptions of a plan and its overrides; parameters $1 the organization, $2 the plan. */
const SUBSCRIPTIONS = `select id from subscriptions where organization_id = $1 and plan_id in (${ENDED_PLANS})`;

/** The open acts that make a plan's drafts final; parameters as above. */
export const FINALIZATIONS_OF_PLAN = `
  select acts.id from acts join invoices on invoices.id = acts.invoice_id and invoices.status = 'draft'
  where acts.organization_id = $1 and acts.kind = 'finalize' and acts.${IS_OPEN}
    and exists (select from invoice_subscriptions row
                where row.invoice_id = invoices.id and row.subscription_id in (${SUBSCRIPTIONS}))`;

interface EndedPlan {
  readonly organizationId: string;
  readonly planId: string;
}

/**
 * Whether an invoice of a plan's subscriptions is still being made, which may become a draft. One that has failed is
 * not waited for: an operator sees to it.
 */
export const isBeingBilled = (em: EntityManager, { organizationId, planId }: EndedPlan): Promise<boolean> =>
  isThere(
    em,
    `select from acts
     where organization_id = $1 and kind in ('start', 'end', 'period') and state in ('wanted', 'working')
       and subscription_id in (${SUBSCRIPTIONS})`,
    [organizationId, planId],
  );

/**
 * Whether a draft of a plan is still being made final. One that has failed is not waited for: an operator sees to it.
 */
export const isBeingFinalized = (em: EntityManager, { organizationId, planId }: EndedPlan): Promise<boolean> =>
  isThere(em, FINALIZATIONS_OF_PLAN, [organizationId, planId]);

async function isThere(em: EntityManager, query: string, parameters: readonly unknown[]): Promise<boolean> {
  const [row] = await sql<{ there: boolean }>(em, `select exists (${query}) as there`, parameters);
  return row?.there === true;
}
