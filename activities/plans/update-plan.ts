import type { EntityManager } from '@mikro-orm/postgresql';
import { refuseUnavailableParts, type PlanUpdateCommand } from '../../billing/plans/plan-command.ts';
import { changedPlanTerms } from '../../billing/plans/plan-terms.ts';
import { Plan } from '../../db/entities/plans/plan.ts';
import { hasSubscriptions } from '../../db/queries/plans/plan-use.ts';
import { planWithCharges } from '../../shapes/plans/load-plans.ts';
import type { CommandScope } from '../command-scope.ts';
import { flagDraftsOf } from '../invoices/flag-drafts.ts';
import { refuseTakenCode } from '../refuse-taken-code.ts';
import { saveCharges } from './save-charges.ts';
import { announcePlan } from './announce-plan.ts';
import { lockPlan } from './lock-plan.ts';
import type { SavedPlan } from './saved-plan.ts';
import { saveTaxes } from './save-taxes.ts';

/**
 * Changes a plan in the caller's transaction, and has the drafts refreshed that are made from it (spec,
 * subscriptions-and-invoices 6.6). What stays once a subscription was attached to it, `changedPlanTerms` and
 * `wantedCharges` say.
 *
 * @throws Refusal 404 `plan_not_found`; as `createPlan`.
 */
export async function updatePlan(
  em: EntityManager,
  scope: CommandScope,
  code: string,
  command: PlanUpdateCommand,
): Promise<SavedPlan> {
  const { organizationId, now } = scope;
  const plan = await lockPlan(em, code);
  const isLocked = await hasSubscriptions(em, organizationId, plan.id);
  refuseUnavailableParts(command);
  const terms = changedPlanTerms(command.terms, { isLocked });
  if (terms.code !== undefined && terms.code !== plan.code) {
    await refuseTakenCode(em, Plan, { code: terms.code, parentId: null, deletedAt: null });
  }
  em.assign(plan, { ...terms, updatedAt: now });
  await em.flush();
  const { charges, acts } =
    command.charges === null
      ? { charges: (await planWithCharges(em, plan)).charges, acts: [] }
      : await saveCharges(em, plan, command.charges, scope, { isLocked });
  const saved = { plan, charges, taxes: await saveTaxes(em, scope, { plan, charges }, command) };
  await announcePlan(em, 'plan.updated', saved, now);
  // Real time, asked under the plan's lock, tells apart two changes at one moment: each needs a run of its own.
  const changed = { kind: 'plan', id: plan.id } as const;
  return {
    plan: saved,
    acts: [...(await flagDraftsOf(em, { organizationId, changed, now, at: scope.realTime })), ...acts],
  };
}
