import type { PlanFacts, SubscriptionFacts } from './subscription-facts.ts';

/** A subscription as an invoice names it. */
export interface NamedSubscription {
  readonly subscription: Pick<SubscriptionFacts, 'id' | 'name'>;
  readonly plan: Pick<PlanFacts, 'name' | 'invoiceDisplayName'>;
}

/**
 * The order of an invoice's subscriptions: by their own names, else their plans' (spec, subscriptions-and-invoices
 * 6.4). Those of one name stay in the order of their ids.
 *
 * "Office", no name on the plan "Pro", no name on "Plus" shown as "A plan": "A plan", "Office", "Pro".
 */
export const byDisplayName = (one: NamedSubscription, other: NamedSubscription): number =>
  sortKey(one) < sortKey(other) ? -1 : 1;

const sortKey = ({ subscription, plan }: NamedSubscription): string =>
  `${subscription.name || (plan.invoiceDisplayName ?? plan.name)}\u0000${subscription.id}`;
