import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { MoveTestClockArgument } from '../../activities/test-clock/move-test-clock-act.ts';
import { policies } from '../policies.ts';

const { advanceClock } = proxyActivities<Activities>(policies.heavy);

/** One move of a test clock: from due moment to due moment, each piece of work at its own time, up to the target. */
export async function moveTestClock(argument: MoveTestClockArgument): Promise<void> {
  while ((await advanceClock(argument)) === 'more') {
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof moveTestClock>(argument);
  }
}
