import { finishActs } from '../db/acts.ts';
import { Plan } from '../db/entities/plan.ts';
import { scopedTo } from '../db/orm.ts';
import type { DeletionOutcome } from './delete-customer.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { endSubscriptions } from './end-subscriptions.ts';
import type { DeletePlanArgument } from './wanted-acts.ts';

/**
 * What follows from the deletion of a plan, which nobody can subscribe to any more: running subscriptions of it and its overrides
 * end with their last invoices, coming ones are canceled, at last the plan is hidden (spec, subscriptions-and-invoices 1.6). May
 * run any number of times. Drafts of the plan, to be refreshed and made final before the plan is hidden, come with drafts.
 */
export async function deletePlan(
  dependencies: ActivityDependencies,
  { actId, organizationId, planId, at }: DeletePlanArgument,
): Promise<DeletionOutcome> {
  const ended = await endSubscriptions(dependencies, { organizationId, planId }, new Date(at));
  if (ended !== 'all') return { outcome: ended };
  await scopedTo(dependencies.orm.em, organizationId).transactional(async (em) => {
    const now = new Date(at);
    await em.nativeUpdate(
      Plan,
      { $or: [{ id: planId }, { parentId: planId }], deletedAt: null },
      { pendingDeletion: false, deletedAt: now, updatedAt: now },
    );
    await finishActs(em, [actId]);
  });
  return { outcome: 'deleted' };
}
