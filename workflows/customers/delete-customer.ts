import { continueAsNew, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { DeleteCustomerArgument } from '../../activities/customers/delete-customer-act.ts';
import { deletion } from '../deletion.ts';
import { policies } from '../policies.ts';

const { deleteCustomer: deletePart } = proxyLocalActivities<Activities>(policies.local);

/** Ends what a deleted customer still has. */
export async function deleteCustomer(argument: DeleteCustomerArgument): Promise<void> {
  await deletion(
    { act: argument, after: '3 seconds', what: 'The customer could not be deleted' },
    () => deletePart(argument),
    async () => {
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof deleteCustomer>(argument);
    },
  );
}
