import { proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { AwaitedDuty, PeriodArgument } from '../../activities/subscriptions/period-act.ts';
import { AWAITED_DUTIES } from '../awaited.ts';
import { policies } from '../policies.ts';
import { withSecondTry } from '../second-try.ts';
import { prepareToWait } from '../waiting.ts';

const { billPeriod } = proxyLocalActivities<Activities>(policies.local);

/** @param duty not said by releases up to 0.2. */
const nameOf = (duty: AwaitedDuty | undefined): string => (duty === undefined ? 'the next duty' : AWAITED_DUTIES[duty]);

export interface PeriodOutcome {
  readonly outcome: 'billed' | 'already_done' | 'superseded';
  readonly invoiceId?: string;
  /** The workflow that has billed it, where another one has. */
  readonly by?: string;
  /** How many other customers it has billed with its own. */
  readonly beside?: number;
}

/**
 * A subscription's billing period: it waits for what is due within it (an announcement, the end of a trial, an ending),
 * lives as long as the period, and ends when the period is billed.
 */
export async function period(argument: PeriodArgument): Promise<PeriodOutcome> {
  const reach = prepareToWait(argument.frozen);
  await reach(argument.dueAt, nameOf(argument.duty));
  for (;;) {
    const result = await withSecondTry(
      { act: argument, after: argument.frozen ? '3 seconds' : '5 minutes', what: 'The period could not be billed' },
      () => billPeriod(argument),
    );
    if (result.outcome !== 'moved') return result;
    await reach(result.dueAt, nameOf(result.duty));
  }
}
