import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { MoveDueDatesArgument } from '../../activities/subscriptions/move-due-dates-act.ts';
import { policies } from '../policies.ts';

const { reschedulePage } = proxyActivities<Activities>(policies.heavy);

/** Moves the due moments of all running periods of a billing entity, page by page. */
export async function moveDueDates(argument: MoveDueDatesArgument, after = ''): Promise<void> {
  for (let last: string | null = after; last !== null;) {
    last = await reschedulePage(argument, last);
    if (last !== null && workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof moveDueDates>(argument, last);
  }
}
