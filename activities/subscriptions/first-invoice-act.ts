import type { WantedAct } from '../../db/acts/act.ts';
import { actOf, type ActKind } from '../acts/act-kind.ts';
import type { OwnInvoiceOccasion } from './own-invoice-argument.ts';

/** The first invoice of a plan paid in advance. */
export const firstInvoiceKind = {
  name: 'start',
  workflow: 'firstInvoice',
  queue: 'billing',
  reuse: 'ALLOW_DUPLICATE_FAILED_ONLY',
  priority: 2,
  rank: 25,
  whenFailed: 'own invoice',
} as const satisfies ActKind;

/** The id of the act of a subscription's first invoice. */
export const firstInvoiceId = (subscriptionId: string): string => `start/${subscriptionId}`;

/** The act that makes a subscription's first invoice, at once. */
export function firstInvoiceAct(occasion: OwnInvoiceOccasion): WantedAct {
  const { organizationId, customerId, subscriptionId, at, hasTestClock } = occasion;
  return actOf(firstInvoiceKind, {
    id: firstInvoiceId(subscriptionId),
    organizationId,
    customerId,
    subscriptionId,
    argument: { subscriptionId, reason: 'subscription_starting', at: at.toISOString(), frozen: hasTestClock },
    summary: `Make the first invoice of subscription ${subscriptionId}`,
  });
}
