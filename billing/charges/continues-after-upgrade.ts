import type { SubscriptionChain } from '../subscriptions/subscription-chain.ts';

/** A charge and its metric, as far as it matters here. */
export interface ContinuedCharge {
  readonly billableMetricId: string;
  readonly prorated: boolean;
  readonly recurring: boolean;
}

/**
 * Whether the next subscription of an upgrade bills the units of a charge, so that the one it replaces does not: the
 * metric is recurring, the charge not prorated, and the next plan charges the metric too (spec,
 * subscriptions-and-invoices 4.4).
 *
 * Ten seats, charged by both plans: the new plan bills all ten at its end, the old one none.
 */
export const continuesAfterUpgrade = (
  { billableMetricId, prorated, recurring }: ContinuedCharge,
  { next, nextMetricIds }: Pick<SubscriptionChain, 'next' | 'nextMetricIds'>,
): boolean => next === 'upgrade' && recurring && !prorated && nextMetricIds.includes(billableMetricId);
