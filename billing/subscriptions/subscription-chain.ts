import type { PlanChange } from './plan-change.ts';

/** What the subscriptions before and after one say about it. */
export interface SubscriptionChain {
  /**
   * The earliest start among the customer's subscriptions with its external id, from which a trial counts (spec,
   * subscriptions-and-invoices 5.2); null: its own, or its plan has no trial.
   */
  readonly initialStart: Date | null;
  /** How it followed the subscription before it; null: there was none. */
  readonly previous: PlanChange | null;
  /** How the next subscription that is not canceled follows it; null: there is none. */
  readonly next: PlanChange | null;
  /** Whether that one waits for the end of the plan's period (spec, subscriptions-and-invoices 2.6). */
  readonly hasPendingNext: boolean;
}

/** A subscription that stands alone. */
export const NO_CHAIN: SubscriptionChain = { initialStart: null, previous: null, next: null, hasPendingNext: false };
