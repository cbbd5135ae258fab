import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../sql.ts';
import { sleepsBeyond, toldIf } from './move-earlier.ts';
import { FINALIZATIONS_OF_PLAN } from './plan-work.ts';
import { IS_OPEN, inState } from './transitions.ts';

/** Whose drafts become final early: those of a customer, or those of a plan and its overrides. */
export type EarlyDrafts =
  | { readonly organizationId: string; readonly customerId: string }
  | { readonly organizationId: string; readonly planId: string };

/** Drafts that one call brings forward at most: it stays well below its time limit. */
const LIMIT = 1000;

/** Those of a customer; parameters $1 the organization, $2 the customer. */
const FINALIZATIONS_OF_CUSTOMER = `
  select id from acts where organization_id = $1 and customer_id = $2 and kind = 'finalize' and ${IS_OPEN}`;

/**
 * Has the drafts of what is ended made final at a moment; those whose day comes sooner stay as they are. Each is
 * calculated anew when it becomes final. May run any number of times.
 *
 * @param at null: now, whatever moment the organization's clock shows.
 * @returns whether there may be more of them.
 */
export async function finalizeEarly(em: EntityManager, drafts: EarlyDrafts, at: Date | null): Promise<boolean> {
  const ofCustomer = 'customerId' in drafts;
  const isTold = `$3::timestamptz is null or ${sleepsBeyond('$3::timestamptz')}`;
  const [row] = await sql<{ brought: number }>(
    em,
    `with early as (
         select id from acts
         where id in (${ofCustomer ? FINALIZATIONS_OF_CUSTOMER : FINALIZATIONS_OF_PLAN}) and due_at is not null
           and ($3::timestamptz is null or due_at > $3::timestamptz)
         order by id limit $4 for no key update),
       changed as (
         update acts set ${toldIf(isTold)},
           due_at = $3::timestamptz, changed_at = clock_timestamp()
         from early where acts.id = early.id and ${inState('moveEarlier')}
         returning 1)
       select count(*)::int as brought from changed`,
    [drafts.organizationId, ofCustomer ? drafts.customerId : drafts.planId, at?.toISOString() ?? null, LIMIT],
  );
  return row?.brought === LIMIT;
}
