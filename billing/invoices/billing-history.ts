import { NO_WINDOWS, type LastWindows } from '../calendar/last-windows.ts';
import { NO_CHAIN, type SubscriptionChain } from '../subscriptions/subscription-chain.ts';

/** What the other invoices of a subscription, and the subscriptions around it, say at the time of an invoice. */
export interface BillingHistory {
  /** Whether an older invoice has a subscription fee of it. */
  readonly hasOlderFee: boolean;
  /** Whether another invoice has a subscription fee of it for the same local day. */
  readonly hasFeeOfSameDay: boolean;
  /** Keys of the periods that other invoices have billed, among the last ones. */
  readonly claimedElsewhere: readonly string[];
  /** Whether another subscription's usage begins at the very instant at which this one ends. */
  readonly endsWhereAnotherBegins: boolean;
  readonly lastWindows: LastWindows;
  readonly chain: SubscriptionChain;
}

/** Of a subscription that is only proposed. */
export const NO_HISTORY: BillingHistory = {
  hasOlderFee: false,
  hasFeeOfSameDay: false,
  claimedElsewhere: [],
  endsWhereAnotherBegins: false,
  lastWindows: NO_WINDOWS,
  chain: NO_CHAIN,
};
