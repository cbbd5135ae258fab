import { proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { OwnInvoiceArgument } from '../../activities/subscriptions/own-invoice-argument.ts';
import { AWAITED } from '../awaited.ts';
import { policies } from '../policies.ts';
import { withSecondTry } from '../second-try.ts';
import { prepareToWait } from '../waiting.ts';

const { billBoundary } = proxyLocalActivities<Activities>(policies.local);

export interface OwnInvoiceOutcome {
  readonly outcome: 'billed' | 'already_done';
  readonly invoiceId?: string;
}

/** Makes the first or the last invoice of a subscription, at once or when late events have had their time. */
export async function billOwnInvoice(argument: OwnInvoiceArgument): Promise<OwnInvoiceOutcome> {
  const reach = prepareToWait(argument.frozen);
  if (argument.dueAt != null) await reach(argument.dueAt, AWAITED.lateEvents);
  return withSecondTry({ act: argument, after: '3 seconds', what: 'The invoice could not be made' }, () =>
    billBoundary(argument),
  );
}
