import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { policies } from './policies.ts';

const { deleteOldActs } = proxyActivities<Activities>(policies.heavy);

/** Deletes acts that were done long ago, the unique indexes stay the guard; and answers kept long enough. @returns how many. */
export async function cleanup(): Promise<number> {
  return deleteOldActs();
}
