import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { policies } from '../policies.ts';

const { healOverdueActs } = proxyActivities<Activities>(policies.heavy);

/** One look for acts that should have been done. @returns how many it healed: none in a healthy system. */
export async function watchdog(): Promise<number> {
  return healOverdueActs();
}
