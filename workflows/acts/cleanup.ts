import { patched, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { policies } from '../policies.ts';

const { deleteOldActs, deleteOldWebhooks } = proxyActivities<Activities>(policies.heavy);

/**
 * Deletes acts that were done long ago (the unique indexes stay the guard), answers kept long enough, and old
 * deliveries of webhooks. @returns how many rows.
 */
export async function cleanup(): Promise<number> {
  const acts = await deleteOldActs();
  const webhooks = patched('webhooks') ? await deleteOldWebhooks() : 0;
  return acts + webhooks;
}
