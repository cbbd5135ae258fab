import { earlier } from '../calendar/charge-window.ts';
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
  /** The metrics that the next one's plan charges. */
  readonly nextMetricIds: readonly string[];
  /** Whether that one waits for the end of the plan's period (spec, subscriptions-and-invoices 2.6). */
  readonly hasPendingNext: boolean;
}

/** A subscription that stands alone. */
export const NO_CHAIN: SubscriptionChain = {
  initialStart: null,
  previous: null,
  next: null,
  nextMetricIds: [],
  hasPendingNext: false,
};

/**
 * The chain of a subscription that was read before its start.
 *
 * One that starts on 10 May after another of 1 March has its trial since 1 March; started on 10 February, since then.
 */
export const chainFrom = (chain: SubscriptionChain, startedAt: Date): SubscriptionChain => ({
  ...chain,
  initialStart: chain.initialStart && earlier(startedAt, chain.initialStart),
});
