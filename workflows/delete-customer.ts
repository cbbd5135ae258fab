import { proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { DeleteCustomerArgument } from '../activities/wanted-acts.ts';
import { policies } from './policies.ts';
import { withSecondTry } from './second-try.ts';

const { deleteCustomer: deletePart } = proxyLocalActivities<Activities>(policies.local);

/** Ends what a deleted customer still has, part by part; whoever works on the customer just now goes first. */
export async function deleteCustomer(argument: DeleteCustomerArgument): Promise<void> {
  const tries = { act: argument, after: '3 seconds', what: 'The customer could not be deleted' } as const;
  for (let isDeleted = false; !isDeleted;) {
    isDeleted = (await withSecondTry(tries, () => deletePart(argument))).outcome === 'deleted';
  }
}
