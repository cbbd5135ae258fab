import type { EntityManager } from '@mikro-orm/postgresql';
import { ENDED_PLANS } from '../queries/plans/ended-plans.ts';
import { instantOf, sql } from '../sql.ts';
import { SLEEPS_TOO_LONG } from './due-moments.ts';
import { IS_OPEN, enteringIf, inState } from './transitions.ts';

/*
 * The acts that make drafts final at the end of their grace period (docs/architecture/drafts.md). A draft and the
 * moment of its act move together.
 */

/** Where a draft belongs by the settings of now; dates are `YYYY-MM-DD`. */
export interface MovedDraft {
  readonly id: string;
  readonly issuingDate: string;
  readonly paymentDueDate: string;
  readonly expectedFinalizationDate: string;
  readonly netPaymentTerm: number;
  readonly appliedGracePeriod: number;
  /** When its act is due. */
  readonly dueAt: Date;
}

/**
 * Saves the dates of drafts and the moments of their acts, in one statement. What comes earlier is told to look again;
 * what comes later is found when the workflow wakes.
 *
 * @param now the organization's clock, the time of the change.
 */
export async function moveDrafts(
  em: EntityManager,
  organizationId: string,
  moved: readonly MovedDraft[],
  now: Date,
): Promise<void> {
  const comesEarlier = `moved.due_at < acts.due_at and not (acts.argument->>'frozen')::boolean`;
  await sql(
    em,
    `with moved as (
       select * from unnest($2::uuid[], $3::date[], $4::date[], $5::date[], $6::int[], $7::int[], $8::timestamptz[])
         as moved (id, issuing_date, payment_due_date, expected_finalization_date, net_payment_term,
                   applied_grace_period, due_at)),
     dated as (
       update invoices set issuing_date = moved.issuing_date, payment_due_date = moved.payment_due_date,
         expected_finalization_date = moved.expected_finalization_date, net_payment_term = moved.net_payment_term,
         applied_grace_period = moved.applied_grace_period, updated_at = $9
       from moved where invoices.id = moved.id)
     update acts set state = ${enteringIf(comesEarlier, 'moveEarlier')},
       verb = case when ${SLEEPS_TOO_LONG} then 'signal' else acts.verb end,
       due_at = moved.due_at, changed_at = clock_timestamp()
     from moved
     where acts.organization_id = $1 and acts.invoice_id = moved.id and acts.kind = 'finalize'
       and ${inState('moveEarlier')} and acts.due_at <> moved.due_at`,
    [
      organizationId,
      moved.map(({ id }) => id),
      moved.map(({ issuingDate }) => issuingDate),
      moved.map(({ paymentDueDate }) => paymentDueDate),
      moved.map(({ expectedFinalizationDate }) => expectedFinalizationDate),
      moved.map(({ netPaymentTerm }) => netPaymentTerm),
      moved.map(({ appliedGracePeriod }) => appliedGracePeriod),
      moved.map(({ dueAt }) => dueAt.toISOString()),
      now.toISOString(),
    ],
  );
}

/**
 * Has the act of a draft wait if its day is a later one.
 *
 * @param now the organization's clock.
 * @returns its moment; null: it has come, or the invoice is no draft any more.
 */
export async function waitForDay(
  em: EntityManager,
  { actId, invoiceId }: { readonly actId: string; readonly invoiceId: string },
  now: Date,
): Promise<Date | null> {
  const [act] = await sql<{ dueAt: string }>(
    em,
    `update acts set state = ${enteringIf(inState('waitLonger'), 'waitLonger')}, changed_at = clock_timestamp()
     where id = $1 and due_at > $2::timestamptz
       and exists (select from invoices where invoices.id = $3 and invoices.status = 'draft')
     returning due_at as "dueAt"`,
    [actId, now.toISOString(), invoiceId],
  );
  return act ? instantOf(act.dueAt) : null;
}

/**
 * Those of some drafts' acts that sleep, or are not started yet, and are due by now. @param now the organization's
 * clock.
 */
export async function dueFinalizations(
  em: EntityManager,
  organizationId: string,
  invoiceIds: readonly string[],
  now: Date,
): Promise<string[]> {
  const due = await sql<{ id: string }>(
    em,
    `select id from acts
     where organization_id = $1 and invoice_id = any($2::uuid[]) and kind = 'finalize'
       and state in ('wanted', 'waiting') and due_at <= $3::timestamptz`,
    [organizationId, invoiceIds, now.toISOString()],
  );
  return due.map(({ id }) => id);
}

/** Whose drafts become final early: those of a customer, or those of a plan and its overrides. */
export type EarlyDrafts =
  | { readonly organizationId: string; readonly customerId: string }
  | { readonly organizationId: string; readonly planId: string };

/** A subquery: the subscriptions of a plan and its overrides; parameters $1 the organization, $2 the plan. */
const SUBSCRIPTIONS = `select id from subscriptions where organization_id = $1 and plan_id in (${ENDED_PLANS})`;

/** The open acts that make a plan's drafts final; parameters as above. */
const ACTS_OF_PLAN = `
  select acts.id from acts join invoices on invoices.id = acts.invoice_id and invoices.status = 'draft'
  where acts.organization_id = $1 and acts.kind = 'finalize' and acts.${IS_OPEN}
    and exists (select from invoice_subscriptions row
                where row.invoice_id = invoices.id and row.subscription_id in (${SUBSCRIPTIONS}))`;

/** Those of a customer; parameters $1 the organization, $2 the customer. */
const ACTS_OF_CUSTOMER = `
  select id from acts where organization_id = $1 and customer_id = $2 and kind = 'finalize' and ${IS_OPEN}`;

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
  isThere(em, ACTS_OF_PLAN, [organizationId, planId]);

async function isThere(em: EntityManager, query: string, parameters: readonly unknown[]): Promise<boolean> {
  const [row] = await sql<{ there: boolean }>(em, `select exists (${query}) as there`, parameters);
  return row?.there === true;
}

/**
 * Has drafts made final at a moment, those whose day comes sooner than that stay as they are.
 *
 * @param at null: now, whatever moment the organization's clock shows.
 * @param limit how many at most.
 * @returns how many have moved.
 */
export async function bringDraftsForward(
  em: EntityManager,
  drafts: EarlyDrafts,
  at: Date | null,
  limit: number,
): Promise<number> {
  const ofCustomer = 'customerId' in drafts;
  const isTold = `$3::timestamptz is null or acts.state = 'waiting' and not (acts.argument->>'frozen')::boolean`;
  const [row] = await sql<{ brought: number }>(
    em,
    `with early as (
         select id from acts
         where id in (${ofCustomer ? ACTS_OF_CUSTOMER : ACTS_OF_PLAN}) and due_at is not null
           and ($3::timestamptz is null or due_at > $3::timestamptz)
         order by id limit $4 for no key update),
       changed as (
         update acts set state = ${enteringIf(isTold, 'moveEarlier')},
           verb = case when ${isTold} then 'signal' else acts.verb end,
           due_at = $3::timestamptz, changed_at = clock_timestamp()
         from early where acts.id = early.id and ${inState('moveEarlier')}
         returning 1)
       select count(*)::int as brought from changed`,
    [drafts.organizationId, ofCustomer ? drafts.customerId : drafts.planId, at?.toISOString() ?? null, limit],
  );
  return row?.brought ?? 0;
}
