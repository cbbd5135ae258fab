import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { ClockArgument } from '../../activities/acts/wanted-acts.ts';
import { policies } from '../policies.ts';

const { advanceClock } = proxyActivities<Activities>(policies.heavy);

/** One move of a test clock: from due moment to due moment, each piece of work at its own time, up to the target. */
export async function clock(argument: ClockArgument): Promise<void> {
  while ((await advanceClock(argument)) === 'more') {
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof clock>(argument);
  }
}
