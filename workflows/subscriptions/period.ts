import { proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { PeriodArgument, PeriodDuty } from '../../activities/subscriptions/period-act.ts';
import { policies } from '../policies.ts';
import { withSecondTry } from '../second-try.ts';
import { prepareToWait } from '../waiting.ts';

const { billPeriod } = proxyLocalActivities<Activities>(policies.local);

/** The duties within a period as the Temporal UI names them. */
const DUTIES: Readonly<Record<PeriodDuty, string>> = {
  bill_period: 'the day that bills the period',
  rotate: 'the change to the next plan',
  ending: 'the end of the subscription',
  trial_end: 'the end of the trial',
  termination_alert: 'the day that announces the end of the subscription',
};

/** @param duty not said by releases up to 0.2. */
const nameOf = (duty: PeriodDuty | undefined): string => (duty === undefined ? 'the next duty' : DUTIES[duty]);

export interface PeriodOutcome {
  readonly outcome: 'billed' | 'already_done' | 'superseded';
  readonly invoiceId?: string;
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
