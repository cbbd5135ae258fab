import { proxyLocalActivities } from '@temporalio/workflow';
import type { FinalizeArgument } from '../../activities/invoices/finalize-act.ts';
import type { FinalizedOutcome } from '../../activities/invoices/finalize-invoice.ts';
import type { Activities } from '../../activities/index.ts';
import { AWAITED } from '../awaited.ts';
import { policies } from '../policies.ts';
import { withSecondTry } from '../second-try.ts';
import { prepareToWait } from '../waiting.ts';

const { finalizeInvoice } = proxyLocalActivities<Activities>(policies.local);

/**
 * A draft's grace period: it waits for the day on which the draft becomes final, or for somebody who asks for it, and
 * makes it final. Whoever asks joins it and awaits the outcome.
 */
export async function finalize(argument: FinalizeArgument): Promise<FinalizedOutcome> {
  const reach = prepareToWait(argument.frozen);
  if (argument.dueAt != null) await reach(argument.dueAt, AWAITED.endOfGracePeriod);
  for (;;) {
    const result = await withSecondTry(
      { act: argument, after: '3 seconds', what: 'The invoice could not be finalized' },
      () => finalizeInvoice(argument),
    );
    if (result.outcome !== 'moved') return result;
    await reach(result.dueAt, AWAITED.endOfGracePeriod);
  }
}
