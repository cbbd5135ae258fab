import { continueAsNew, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { DeletePlanArgument } from '../../activities/plans/delete-plan-act.ts';
import { deletion } from '../deletion.ts';
import { policies } from '../policies.ts';

const { deletePlan: deletePart } = proxyLocalActivities<Activities>(policies.local);

/** Ends the subscriptions of a deleted plan, makes its drafts final, and then hides it. */
export async function deletePlan(argument: DeletePlanArgument): Promise<void> {
  await deletion(
    { act: argument, after: '3 seconds', what: 'The plan could not be deleted' },
    () => deletePart(argument),
    async () => {
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof deletePlan>(argument);
    },
  );
}
