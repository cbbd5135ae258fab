import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { FlagDraftsArgument } from '../../activities/invoices/flag-drafts-act.ts';
import type { Activities } from '../../activities/index.ts';
import { policies } from '../policies.ts';

const { flagDraftsPage } = proxyActivities<Activities>(policies.heavy);

/** Flags the drafts of a changed plan or metric that the request has left, page by page. */
export async function flagDrafts(argument: FlagDraftsArgument, after = argument.after ?? ''): Promise<void> {
  for (let last: string | null = after; last !== null;) {
    last = await flagDraftsPage(argument, last);
    if (last !== null && workflowInfo().continueAsNewSuggested) await continueAsNew<typeof flagDrafts>(argument, last);
  }
}
