import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../billing/refusal.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { Plan } from '../../db/entities/plan.ts';
import type { PlanWithCharges } from '../../shapes/plans/load-plans.ts';
import { planJson } from '../../shapes/plans/plan.ts';
import { emitWebhooks } from '../webhooks/emit-webhooks.ts';

/** What a command has made of a plan. */
export interface SavedPlan {
  readonly plan: PlanWithCharges;
  /** Written in the same transaction, to be started once it has committed. */
  readonly acts: readonly WantedAct[];
}

/**
 * A plan of the catalogue as it stays until the end of the transaction: nobody subscribes to it meanwhile.
 *
 * @throws Refusal 404 `plan_not_found`.
 */
export async function lockPlan(em: EntityManager, code: string): Promise<Plan> {
  const plan = await em.findOne(
    Plan,
    { code, parentId: null, deletedAt: null },
    { lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  if (!plan) throw notFound('plan');
  return plan;
}

/** Writes the webhook about a plan that is flushed. @param now the organization's clock. */
export const announcePlan = (
  em: EntityManager,
  type: 'plan.created' | 'plan.updated' | 'plan.deleted',
  saved: PlanWithCharges,
  now: Date,
): Promise<void> =>
  emitWebhooks(em, { organizationId: saved.plan.organizationId, now }, [type], () => [
    { type, objectId: saved.plan.id, object: planJson(saved) },
  ]);
