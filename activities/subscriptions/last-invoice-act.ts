import type { WantedAct } from '../../db/acts/act.ts';
import { AWAITED } from '../../workflows/awaited.ts';
import { actOf, type ActKind } from '../acts/act-kind.ts';
import type { OwnInvoiceOccasion } from './own-invoice-argument.ts';

/** The last invoice of a subscription that has ended. */
export const lastInvoiceKind = {
  name: 'end',
  workflow: 'lastInvoice',
  queue: 'billing',
  reuse: 'ALLOW_DUPLICATE_FAILED_ONLY',
  priority: 2,
  rank: 25,
  whenFailed: 'own invoice',
  waitsFor: () => AWAITED.lateEvents,
} as const satisfies ActKind;

/**
 * The act that makes a subscription's last invoice.
 *
 * @param occasion.dueAt when late events have had their time; null: at once.
 */
export function lastInvoiceAct(occasion: OwnInvoiceOccasion & { readonly dueAt: Date | null }): WantedAct {
  const { organizationId, customerId, subscriptionId, at, hasTestClock, dueAt } = occasion;
  return actOf(lastInvoiceKind, {
    id: `end/${subscriptionId}`,
    organizationId,
    customerId,
    subscriptionId,
    argument: {
      subscriptionId,
      reason: 'subscription_terminating',
      at: at.toISOString(),
      frozen: hasTestClock,
      // A dispatcher of release 0.2 sends what is stored, and its worker would not wait otherwise (docs/patches.md).
      dueAt: dueAt?.toISOString() ?? null,
    },
    dueAt,
    summary: `Make the last invoice of subscription ${subscriptionId}`,
  });
}
