import type { EntityManager } from '@mikro-orm/postgresql';
import { wantActs } from '../../db/acts/want-acts.ts';
import { Plan } from '../../db/entities/plans/plan.ts';
import { planWithCharges } from '../../shapes/plans/load-plans.ts';
import { deletePlanAct } from './delete-plan-act.ts';
import type { CommandScope } from '../command-scope.ts';
import { announcePlan } from './announce-plan.ts';
import { lockPlan } from './lock-plan.ts';
import type { SavedPlan } from './saved-plan.ts';

/**
 * Begins the deletion of a plan in the caller's transaction: from now on nobody can subscribe to it; an act ends its
 * subscriptions and hides it (`delete-plan.ts`; spec, subscriptions-and-invoices 1.6). It stays readable from its
 * invoices. Asked for again before that is done, it changes nothing.
 *
 * @throws Refusal 404 `plan_not_found`.
 */
export async function startPlanDeletion(
  em: EntityManager,
  { organizationId, now }: CommandScope,
  code: string,
): Promise<SavedPlan> {
  const plan = await lockPlan(em, code);
  const isPending = plan.pendingDeletion;
  em.assign(plan, { pendingDeletion: true, updatedAt: now });
  await em.flush();
  const saved = await planWithCharges(em, plan);
  if (isPending) return { plan: saved, acts: [] };
  await em.nativeUpdate(Plan, { parentId: plan.id, deletedAt: null }, { pendingDeletion: true, updatedAt: now });
  await announcePlan(em, 'plan.deleted', saved, now);
  const act = deletePlanAct({ organizationId, planId: plan.id, at: now });
  await wantActs(em, [act], now);
  return { plan: saved, acts: [act] };
}
