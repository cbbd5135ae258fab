import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { RescheduleArgument } from '../activities/acts/wanted-acts.ts';
import { policies } from './policies.ts';

const { reschedulePage } = proxyActivities<Activities>(policies.heavy);

/** Moves the due moments of all running periods of a billing entity, page by page. */
export async function reschedule(argument: RescheduleArgument, after = ''): Promise<void> {
  for (let last: string | null = after; last !== null;) {
    last = await reschedulePage(argument, last);
    if (last !== null && workflowInfo().continueAsNewSuggested) await continueAsNew<typeof reschedule>(argument, last);
  }
}
