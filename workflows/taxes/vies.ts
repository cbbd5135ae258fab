import { continueAsNew, proxyActivities, proxyLocalActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { ViesArgument } from '../../activities/taxes/vies-act.ts';
import { policies } from '../policies.ts';
import { withSecondTry } from '../second-try.ts';
import { wake, wokenOr } from '../waiting.ts';

const { advanceViesCheck } = proxyLocalActivities<Activities>(policies.local);
const { askAboutCheck } = proxyActivities<Activities>(policies.asking);

export interface ViesEnd {
  readonly outcome: 'ended';
  /** How often this run has asked and was answered, with whatever. */
  readonly tries: number;
}

/**
 * The check of a customer's VAT number: asks VIES, waits after each try that failed, and ends when it is answered or
 * nobody wants to know any more. A wake-up says that the question has changed, or that a test clock has come to its
 * next try.
 */
export async function vies(argument: ViesArgument): Promise<ViesEnd> {
  let wakeUps = 0;
  let tries = 0;
  setHandler(wake, () => {
    wakeUps += 1;
  });
  for (;;) {
    const before = wakeUps;
    const step = await withSecondTry(
      { act: argument, after: '3 seconds', what: 'The VAT number could not be checked' },
      () => advanceViesCheck(argument),
    );
    switch (step.outcome) {
      case 'ask': {
        const { organizationId } = argument;
        const asked = await askAboutCheck({ organizationId, checkId: step.checkId, version: step.version });
        if (asked.outcome === 'answered') tries += 1;
        break;
      }
      case 'waiting':
        await wokenOr(argument.frozen ? null : step.dueAt, () => wakeUps > before);
        break;
      case 'ended':
        // A wake-up that came while it was ending is not lost with it.
        if (wakeUps === before) return { outcome: 'ended', tries };
    }
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof vies>(argument);
  }
}
