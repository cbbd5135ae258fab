import { continueAsNew, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { DeletePlanArgument } from '../activities/wanted-acts.ts';
import { policies } from './policies.ts';
import { withSecondTry } from './second-try.ts';

const { deletePlan: deletePart } = proxyLocalActivities<Activities>(policies.local);

/** Ends the subscriptions of a deleted plan, part by part, and then hides it. */
export async function deletePlan(argument: DeletePlanArgument): Promise<void> {
  const tries = { act: argument, after: '3 seconds', what: 'The plan could not be deleted' } as const;
  for (let isDeleted = false; !isDeleted;) {
    isDeleted = (await withSecondTry(tries, () => deletePart(argument))).outcome === 'deleted';
    if (!isDeleted && workflowInfo().continueAsNewSuggested) await continueAsNew<typeof deletePlan>(argument);
  }
}
