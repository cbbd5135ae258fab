import type { EntityManager } from '@mikro-orm/postgresql';
import { ownFees } from '../../db/queries/credit-notes/own-fees.ts';
import { subscriptionContext } from '../../db/queries/subscriptions/subscription-context.ts';
import { firstInvoiceId } from '../subscriptions/first-invoice-act.ts';
import { creditUnusedPeriod } from './credit-unused-period.ts';

/**
 * Credits what a subscription in advance did not use once the invoice of that period is there: when the subscription
 * ended it was still to be made, as its act had failed, or its taxes were not known (spec, decisions). Call it under
 * the customer's lock.
 *
 * @param now the organization's clock.
 */
export async function creditAfterEnd(
  em: EntityManager,
  {
    organizationId,
    invoiceId,
    subscriptionId,
  }: Readonly<Record<'organizationId' | 'invoiceId' | 'subscriptionId', string>>,
  now: Date,
): Promise<void> {
  const startId = firstInvoiceId(subscriptionId);
  const { last } = await ownFees(em, { organizationId, subscriptionId, startId });
  if (last?.invoice.id !== invoiceId) return;
  const context = await subscriptionContext(em, organizationId, subscriptionId, 'read');
  const { terminatedAt, onTerminationCreditNote } = context.subscription;
  const ended = {
    ...context,
    at: terminatedAt ?? now,
    now,
    option: onTerminationCreditNote ?? 'skip',
    isUpgrade: false,
    whenTaxesArePending: 'later',
  } as const;
  await creditUnusedPeriod(em, ended, last);
}
