import { ActivityFailure, ApplicationFailure, proxyLocalActivities, sleep } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { policies } from './policies.ts';

const { recordBillingFailure } = proxyLocalActivities<Activities>(policies.local);

/** How long to leave a customer alone whom somebody else is billing or changing just now. */
const BUSY_WAIT = '300ms';

export interface SecondTry {
  readonly act: { readonly actId: string; readonly organizationId: string };
  /**
   * A failure that will not pass by itself gets a second try after this wait (spec, subscriptions-and-invoices 13.1).
   */
  readonly after: '5 minutes' | '3 seconds';
  /** For the operator: what could not be done. */
  readonly what: string;
}

/**
 * Does an act that bills: waits while its customer is busy; after a failure that will not pass by itself tries once
 * more; then records why, and fails.
 *
 * @param attempt one try, an activity that is one transaction.
 */
export async function withSecondTry<Result extends { readonly outcome: string }>(
  { act, after, what }: SecondTry,
  attempt: () => Promise<Result>,
): Promise<Exclude<Result, { readonly outcome: 'busy' }>> {
  for (let failures = 0; ;) {
    try {
      const result = await attempt();
      if (result.outcome !== 'busy') return result as Exclude<Result, { readonly outcome: 'busy' }>;
      await sleep(BUSY_WAIT);
    } catch (error) {
      const cause = definiteFailure(error);
      failures += 1;
      if (failures === 2) {
        while ((await recordBillingFailure(act, cause.message)) === 'busy') await sleep(BUSY_WAIT);
        throw ApplicationFailure.nonRetryable(`${what}: ${cause.message}`, 'InvoiceGenerationFailed');
      }
      await sleep(after);
    }
  }
}

/**
 * The failure that an activity reports as not passing by itself; anything else (cancellation first) goes on its way. A
 * local activity's arrives as it was thrown, that of a normal activity within an ActivityFailure.
 */
export function definiteFailure(error: unknown): ApplicationFailure {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  if (failure instanceof ApplicationFailure && failure.nonRetryable) return failure;
  throw error;
}
