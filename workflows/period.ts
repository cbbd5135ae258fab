import { ActivityFailure, ApplicationFailure, proxyLocalActivities, sleep } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { PeriodArgument } from '../activities/wanted-acts.ts';
import { policies } from './policies.ts';
import { prepareToWait } from './waiting.ts';

const { billPeriod, recordBillingFailure } = proxyLocalActivities<Activities>(policies.local);

/** A failure that will not pass by itself gets a second try after this wait (spec, subscriptions-and-invoices 13.1). */
const SECOND_TRY_AFTER = { live: '5 minutes', frozen: '3 seconds' } as const;

/** How long to leave a customer alone whom somebody else is billing or changing just now. */
const BUSY_WAIT = '300ms';

export interface PeriodOutcome {
  readonly outcome: 'billed' | 'already_done' | 'superseded';
  readonly invoiceId?: string;
}

/** A subscription's billing period: it lives as long as the period, and ends when the period is billed. */
export async function period(argument: PeriodArgument): Promise<PeriodOutcome> {
  const reach = prepareToWait(argument.frozen);
  let dueAt = argument.dueAt;
  let failures = 0;
  await reach(dueAt);
  for (;;) {
    try {
      const result = await billPeriod(argument);
      if (result.outcome === 'busy') {
        await sleep(BUSY_WAIT);
      } else if (result.outcome === 'moved') {
        dueAt = result.dueAt;
        await reach(dueAt);
      } else {
        return result;
      }
    } catch (error) {
      const cause = definiteFailure(error);
      failures += 1;
      if (failures === 2) {
        await recordFailure(argument, cause.message);
        throw ApplicationFailure.nonRetryable(
          `The period could not be billed: ${cause.message}`,
          'InvoiceGenerationFailed',
        );
      }
      await sleep(argument.frozen ? SECOND_TRY_AFTER.frozen : SECOND_TRY_AFTER.live);
    }
  }
}

async function recordFailure(argument: PeriodArgument, message: string): Promise<void> {
  while ((await recordBillingFailure(argument, message)) === 'busy') await sleep(BUSY_WAIT);
}

/** The failure that an activity reports as not passing by itself; anything else (cancellation first) goes on its way. */
function definiteFailure(error: unknown): ApplicationFailure {
  if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure && error.cause.nonRetryable) {
    return error.cause;
  }
  throw error;
}
