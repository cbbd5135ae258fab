import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ApplyInvoiceSettingsArgument } from '../../activities/invoices/apply-invoice-settings-act.ts';
import type { Activities } from '../../activities/index.ts';
import { policies } from '../policies.ts';

const { settingsPage } = proxyActivities<Activities>(policies.heavy);

/** Moves all drafts of a billing entity, or of a customer, to where its changed settings put them, page by page. */
export async function applyInvoiceSettings(
  argument: ApplyInvoiceSettingsArgument,
  after = argument.after ?? '',
): Promise<void> {
  for (let last: string | null = after; last !== null;) {
    last = await settingsPage(argument, last);
    if (last !== null && workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof applyInvoiceSettings>(argument, last);
  }
}
