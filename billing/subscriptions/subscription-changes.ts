import type { SubscriptionStatus } from '../calendar/subscription-terms.ts';
import { notAllowed } from '../refusal.ts';
import { assertEnding } from './ending.ts';
import { isOver, terminationOptions, type AskedTermination, type TerminationOptions } from './termination-options.ts';

/** A subscription as far as a change looks at it. */
export interface ChangedSubscription {
  readonly status: SubscriptionStatus;
  readonly previousSubscriptionId?: string | null | undefined;
  readonly subscriptionAt: Date;
  readonly endingAt?: Date | null | undefined;
  readonly purchaseOrderNumber?: string | null | undefined;
}

/** What a request changes of a subscription; what is absent stays as it is. */
export interface SubscriptionChanges {
  readonly name?: string;
  readonly progressiveBillingDisabled?: boolean;
  readonly consolidateInvoice?: boolean;
  readonly paymentMethodType?: 'provider' | 'manual';
  /** Of its invoices' issuer. */
  readonly billingEntityId?: string;
  /** null: none. */
  readonly purchaseOrderNumber?: string | null;
  /** The anchor and the wished start. */
  readonly subscriptionAt?: Date;
  /** null: never. */
  readonly endingAt?: Date | null;
  readonly termination: AskedTermination;
}

/** What is to be stored of a change. */
export type ChangedTerms = Omit<SubscriptionChanges, 'termination'> &
  TerminationOptions & {
    /** When `endingAt` got its new value. */
    readonly endingSetAt?: Date | null;
  };

/** What a change is judged by. */
export interface ChangeScope {
  readonly plan: { readonly payInAdvance: boolean };
  /** The customer's. */
  readonly timeZone: string;
  /** The organization's clock. */
  readonly now: Date;
}

/**
 * What a change of a subscription comes to (spec, subscriptions-and-invoices 2.7): what it may not change stays, and
 * what is as it was is left out. Of a running subscription, `{name: 'Two', subscriptionAt}` comes to `{name: 'Two'}`,
 * since its start has passed.
 *
 * @throws Refusal 405 `purchase_order_number_not_editable`; 422 on `ending_at`, and as `terminationOptions`.
 */
export function changedTerms(
  subscription: ChangedSubscription,
  { termination, purchaseOrderNumber, subscriptionAt, endingAt, ...settings }: SubscriptionChanges,
  { plan, timeZone, now }: ChangeScope,
): ChangedTerms {
  const number = changedNumber(subscription, purchaseOrderNumber);
  const options = terminationOptions(termination, subscription, plan);
  const start = movedStart(subscription, subscriptionAt);
  const ending = { now, timeZone, subscriptionAt: start ?? subscription.subscriptionAt };
  return {
    ...settings,
    ...(number !== undefined && { purchaseOrderNumber: number }),
    ...options,
    ...(start && { subscriptionAt: start }),
    ...changedEnding(subscription, endingAt, ending, start !== undefined),
  };
}

function changedNumber(
  { status, purchaseOrderNumber: present = null }: ChangedSubscription,
  asked: string | null | undefined,
): string | null | undefined {
  if (asked === undefined || asked === present) return undefined;
  if (isOver(status)) throw notAllowed('purchase_order_number_not_editable');
  return asked;
}

/** The new start of a subscription that has not begun; undefined: it stays. */
function movedStart(
  { status, previousSubscriptionId, subscriptionAt }: ChangedSubscription,
  asked: Date | undefined,
): Date | undefined {
  const mayMove = status === 'pending' && previousSubscriptionId == null;
  return asked && mayMove && asked.getTime() !== subscriptionAt.getTime() ? asked : undefined;
}

/** A new end is checked, and so is the present one against a start that moves. */
function changedEnding(
  { endingAt: present }: ChangedSubscription,
  asked: Date | null | undefined,
  scope: { readonly now: Date; readonly subscriptionAt: Date; readonly timeZone: string },
  hasMoved: boolean,
): Pick<ChangedTerms, 'endingAt' | 'endingSetAt'> {
  if (asked === undefined) {
    if (hasMoved && present) assertEnding(present, scope);
    return {};
  }
  if (present?.getTime() === asked?.getTime()) return {};
  if (asked) assertEnding(asked, scope);
  return { endingAt: asked, endingSetAt: asked && scope.now };
}
