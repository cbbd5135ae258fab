import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../billing/refusal.ts';
import { Plan } from '../../db/entities/plans/plan.ts';

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
