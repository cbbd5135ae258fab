import { proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { ActivateArgument } from '../../activities/subscriptions/activate-act.ts';
import { AWAITED } from '../awaited.ts';
import { policies } from '../policies.ts';
import { withSecondTry } from '../second-try.ts';
import { prepareToWait } from '../waiting.ts';

const { activateSubscription } = proxyLocalActivities<Activities>(policies.local);

/** A subscription that starts on a later day: it waits for that day and starts it. */
export async function activate(argument: ActivateArgument): Promise<{ readonly outcome: 'activated' | 'superseded' }> {
  const reach = prepareToWait(argument.frozen);
  await reach(argument.dueAt, AWAITED.firstDay);
  for (;;) {
    const result = await withSecondTry(
      { act: argument, after: '3 seconds', what: 'The subscription could not be started' },
      () => activateSubscription(argument),
    );
    if (result.outcome !== 'moved') return result;
    await reach(result.dueAt, AWAITED.firstDay);
  }
}
