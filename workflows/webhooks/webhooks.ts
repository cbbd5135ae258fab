import { condition, continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { WebhooksArgument } from '../../activities/webhooks/webhooks-act.ts';
import { policies } from '../policies.ts';
import { wake } from '../waiting.ts';

const { sendWebhooks } = proxyActivities<Activities>(policies.sending);

/**
 * The lane of a webhook endpoint: sends what is due, waits for the next retry, and ends when nothing is left to send. A
 * wake-up says that something has arrived.
 */
export async function webhooks(argument: WebhooksArgument): Promise<void> {
  let wakeUps = 0;
  setHandler(wake, () => {
    wakeUps += 1;
  });
  for (;;) {
    const before = wakeUps;
    const lane = await sendWebhooks(argument);
    if (lane.outcome === 'waiting') await condition(() => wakeUps > before, lane.waitMs);
    // A wake-up that came while the lane was ending is not lost with it.
    if (lane.outcome === 'ended' && wakeUps === before) return;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof webhooks>(argument);
  }
}
