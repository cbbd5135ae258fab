import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { emitWebhooks } from '../../activities/webhooks/emit-webhooks.ts';
import { flagDraftsOf } from '../../activities/invoices/flag-drafts.ts';
import { deletePlanAct } from '../../activities/plans/delete-plan-act.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { Interval } from '../../billing/calendar/interval.ts';
import { numberToCents } from '../../billing/money/cents.ts';
import { Decimal } from '../../billing/money/decimal.ts';
import { invalid, notFound } from '../../billing/refusal.ts';
import { Plan } from '../../db/entities/plan.ts';
import { sql } from '../../db/sql.ts';
import { realTime } from '../http/clock.ts';
import { given } from '../http/given-attributes.ts';
import { textOrNull } from '../../billing/blank-text.ts';
import { planJson } from '../../shapes/plans/plan.ts';
import { withCharges, type PlanWithCharges } from '../../shapes/plans/load-plans.ts';
import { saveCharges } from './save-charges.ts';
import type { PlanCreateInput, PlanUpdateInput } from './schema.ts';
import { refuseUnavailableParts } from './unavailable-parts.ts';

/** Whose plan, and when: the organization's clock. */
interface Scope {
  readonly organizationId: string;
  readonly now: Date;
}

/**
 * Creates a plan with its charges, in the caller's transaction.
 *
 * @throws Refusal 422 `code: value_already_exist`; 404, 403 as `refuseUnavailableParts`; all of `saveCharges`.
 */
export async function createPlan(
  em: EntityManager,
  { organizationId, now }: Scope,
  input: PlanCreateInput,
): Promise<PlanWithCharges> {
  refuseUnavailableParts(input);
  await refuseTakenCode(em, input.code);
  const plan = em.create(Plan, {
    id: v7(),
    organizationId,
    name: input.name,
    invoiceDisplayName: textOrNull(input.invoice_display_name ?? null),
    code: input.code,
    interval: input.interval,
    description: textOrNull(input.description ?? null),
    amountCents: numberToCents(input.amount_cents),
    amountCurrency: input.amount_currency,
    trialPeriod: input.trial_period == null ? null : new Decimal(input.trial_period),
    payInAdvance: input.pay_in_advance ?? false,
    billChargesMonthly: monthly(input.bill_charges_monthly, input.interval),
    billFixedChargesMonthly: monthly(input.bill_fixed_charges_monthly, input.interval),
    metadata: input.metadata ?? null,
    createdAt: now,
    updatedAt: now,
  });
  // The charges reference it.
  await em.flush();
  const charges = await saveCharges(em, plan, input.charges ?? [], { locked: false, now });
  return emitPlanWebhook(em, 'plan.created', { plan, charges }, now);
}

/**
 * Changes a plan in the caller's transaction, and wants a refresh of the drafts that are made from it (spec,
 * subscriptions-and-invoices 6.6). Once a subscription was attached to it, whatever decides periods and currency is
 * ignored without an error (spec, subscriptions-and-invoices 1.4).
 *
 * @throws Refusal 404 `plan_not_found`; all of `createPlan`.
 */
export async function updatePlan(
  em: EntityManager,
  { organizationId, now }: Scope,
  code: string,
  input: PlanUpdateInput,
): Promise<PlanWithCharges & { readonly acts: readonly WantedAct[] }> {
  const plan = await lockPlan(em, code);
  const locked = await hasSubscriptions(em, organizationId, plan.id);
  refuseUnavailableParts(locked ? { ...input, pay_in_advance: null, trial_period: null } : input);
  if (!locked && input.code !== undefined && input.code !== plan.code) await refuseTakenCode(em, input.code);
  const { description, invoice_display_name: displayName, amount_cents: amount } = input;
  em.assign(plan, {
    ...given({
      name: input.name,
      invoiceDisplayName: displayName === undefined ? undefined : textOrNull(displayName),
      description: description === undefined ? undefined : textOrNull(description),
      amountCents: amount === undefined ? undefined : numberToCents(amount),
      metadata: input.metadata,
    }),
    ...(locked ? {} : termsUntilAttached(input)),
    updatedAt: now,
  });
  await em.flush();
  const saved =
    input.charges == null
      ? first(await withCharges(em, [plan]))
      : { plan, charges: await saveCharges(em, plan, input.charges, { locked, now }) };
  await emitPlanWebhook(em, 'plan.updated', saved, now);
  // Each change needs a run of its own, also a second one at the same frozen moment: real time tells them apart.
  const changed = { kind: 'plan', id: plan.id } as const;
  return { ...saved, acts: await flagDraftsOf(em, { organizationId, changed, now, at: realTime() }) };
}

/**
 * Deletes a plan in the caller's transaction: nobody can subscribe to it any more, and an act ends its subscriptions and hides it
 * (spec, subscriptions-and-invoices 1.6). It stays readable from its invoices. Deleted again before that, nothing more is done.
 *
 * @throws Refusal 404 `plan_not_found`.
 */
export async function deletePlan(
  em: EntityManager,
  { organizationId, now }: Scope,
  code: string,
): Promise<{ readonly plan: PlanWithCharges; readonly acts: readonly WantedAct[] }> {
  const plan = await lockPlan(em, code);
  const isPending = plan.pendingDeletion;
  em.assign(plan, { pendingDeletion: true, updatedAt: now });
  await em.flush();
  const loaded = first(await withCharges(em, [plan]));
  if (isPending) return { plan: loaded, acts: [] };
  await em.nativeUpdate(Plan, { parentId: plan.id, deletedAt: null }, { pendingDeletion: true, updatedAt: now });
  await emitPlanWebhook(em, 'plan.deleted', loaded, now);
  const act = deletePlanAct({ organizationId, planId: plan.id, at: now });
  await wantActs(em, [act], now);
  return { plan: loaded, acts: [act] };
}

/** @returns the plan as it was given. */
async function emitPlanWebhook(
  em: EntityManager,
  type: 'plan.created' | 'plan.updated' | 'plan.deleted',
  loaded: PlanWithCharges,
  now: Date,
): Promise<PlanWithCharges> {
  const { id: objectId, organizationId } = loaded.plan;
  await emitWebhooks(em, { organizationId, now }, [type], () => [{ type, objectId, object: planJson(loaded) }]);
  return loaded;
}

/** Only yearly and semiannual plans can bill usage each month (spec, subscriptions-and-invoices 1.2). */
const monthly = (flag: boolean | null | undefined, interval: Interval | undefined): boolean | null =>
  interval === 'yearly' || interval === 'semiannual' ? (flag ?? false) : null;

/** The two monthly flags are set anew by every update, from what the same request says (spec, subscriptions-and-invoices 1.4). */
function termsUntilAttached(input: PlanUpdateInput) {
  const { trial_period: trial } = input;
  return {
    ...given({
      code: input.code,
      interval: input.interval,
      payInAdvance: input.pay_in_advance ?? undefined,
      amountCurrency: input.amount_currency,
      trialPeriod: trial == null ? trial : new Decimal(trial),
    }),
    billChargesMonthly: monthly(input.bill_charges_monthly, input.interval),
    billFixedChargesMonthly: monthly(input.bill_fixed_charges_monthly, input.interval),
  };
}

/** Holds a plan of the catalogue until the end of the transaction: nobody subscribes to it meanwhile. */
async function lockPlan(em: EntityManager, code: string): Promise<Plan> {
  const plan = await em.findOne(
    Plan,
    { code, parentId: null, deletedAt: null },
    { lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  if (!plan) throw notFound('plan');
  return plan;
}

async function refuseTakenCode(em: EntityManager, code: string): Promise<void> {
  if ((await em.count(Plan, { code, parentId: null, deletedAt: null })) > 0) {
    throw invalid({ code: ['value_already_exist'] });
  }
}

/** Whether a subscription has, or had, this plan or an override of it. */
async function hasSubscriptions(em: EntityManager, organizationId: string, planId: string): Promise<boolean> {
  const rows = await sql(
    em,
    `select 1 from subscriptions
     where organization_id = $1
       and plan_id in (select id from plans where organization_id = $1 and (id = $2 or parent_id = $2))
     limit 1`,
    [organizationId, planId],
  );
  return rows.length > 0;
}

function first<T>(values: readonly T[]): T {
  const [value] = values;
  if (value === undefined) throw new Error('nothing was loaded');
  return value;
}
