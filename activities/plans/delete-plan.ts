import { isBeingBilled, isBeingFinalized } from '../../db/acts/plan-work.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { Plan } from '../../db/entities/plans/plan.ts';
import type { DeletionOutcome } from '../customers/delete-customer.ts';
import { done, ended, inActTransaction } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { endAllSubscriptions } from '../subscriptions/end-all-subscriptions.ts';
import { finalizeEarly } from '../../db/acts/early-drafts.ts';
import type { DeletePlanArgument } from './delete-plan-act.ts';

/**
 * What follows from the deletion of a plan, which nobody can subscribe to any more: running subscriptions of it and its
 * overrides end with their last invoices, coming ones are canceled; then its drafts are made final, calculated anew; at
 * last the plan is hidden (spec, subscriptions-and-invoices 1.6). May run any number of times.
 */
export async function deletePlan(
  dependencies: ActivityDependencies,
  { actId, organizationId, planId, at }: DeletePlanArgument,
): Promise<DeletionOutcome> {
  const deleted = { organizationId, planId };
  const left = await endAllSubscriptions(dependencies, deleted, new Date(at));
  if (left !== 'all') return { outcome: left };
  return inActTransaction<DeletionOutcome>(dependencies, 'deletePlan', deleted, async (em) => {
    if (await isBeingBilled(em, deleted)) return ended({ outcome: 'waiting' });
    if (await finalizeEarly(em, deleted, null)) return done({ outcome: 'more' });
    if (await isBeingFinalized(em, deleted)) return done({ outcome: 'waiting' });
    const now = new Date(at);
    await em.nativeUpdate(
      Plan,
      { $or: [{ id: planId }, { parentId: planId }], deletedAt: null },
      { pendingDeletion: false, deletedAt: now, updatedAt: now },
    );
    await finishActs(em, [actId]);
    return done({ outcome: 'deleted' });
  });
}
