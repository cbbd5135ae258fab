import type { WaitingActArgument } from '../acts/act-kind.ts';

/** Which invoice of its own a subscription has at one of its ends. */
export type OwnInvoiceReason = 'subscription_starting' | 'subscription_terminating';

/** What the workflows of a subscription's first and of its last invoice are told. */
export interface OwnInvoiceArgument extends WaitingActArgument {
  readonly subscriptionId: string;
  readonly reason: OwnInvoiceReason;
  /** The billing instant B. */
  readonly at: string;
  /** null: at once. */
  readonly dueAt: string | null;
}

/** Of which subscription the first or last invoice is, and of which moment. */
export interface OwnInvoiceOccasion {
  readonly organizationId: string;
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly at: Date;
  readonly hasTestClock: boolean;
}
