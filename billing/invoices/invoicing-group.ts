import type { Currency } from '../money/currency.ts';

export type PaymentMethodType = 'provider' | 'manual';

/** How a group is paid; `id` null: by hand, or the customer has no method. */
export interface PaymentMethod {
  readonly id: string | null;
  readonly type: PaymentMethodType;
}

/** What decides on whose invoice a due subscription comes. */
export interface DueSubscription {
  readonly subscriptionId: string;
  /** The subscription's own method; `id` null: none was named. */
  readonly paymentMethod: PaymentMethod;
  /** Currency of the plan. */
  readonly currency: Currency;
  /** The subscription's own entity, else the customer's. */
  readonly billingEntityId: string;
  /** false: always invoiced alone. */
  readonly consolidateInvoice: boolean;
  readonly purchaseOrderNumber: string | null;
}

/** Subscriptions that share an invoice. */
export interface InvoicingGroup {
  /**
   * Names the group among those of one customer and due day. It depends on what the subscriptions have in common and
   * not on which they are or in what order they come, so that a retry finds the same invoice.
   */
  readonly key: string;
  readonly paymentMethod: PaymentMethod;
  readonly currency: Currency;
  readonly billingEntityId: string;
  readonly purchaseOrderNumber: string | null;
  /** At least one, in ascending order. */
  readonly subscriptionIds: readonly string[];
}

/**
 * Splits the due subscriptions of one customer into invoices (spec, subscriptions-and-invoices 4.2): by payment method,
 * currency, billing entity, consolidation and purchase order number. Interval, plan and billing time do not split.
 * @param defaultPaymentMethodId the customer's default method at the provider; null: none
 * @returns the groups in the order of their keys
 */
export function invoicingGroups(
  subscriptions: readonly DueSubscription[],
  defaultPaymentMethodId: string | null,
): readonly InvoicingGroup[] {
  const groups = new Map<string, InvoicingGroup>();
  for (const subscription of subscriptions) {
    const paymentMethod = effectivePaymentMethod(subscription.paymentMethod, defaultPaymentMethodId);
    const key = groupKey(subscription, paymentMethod);
    const { currency, billingEntityId, purchaseOrderNumber, subscriptionId } = subscription;
    const subscriptionIds = [...(groups.get(key)?.subscriptionIds ?? []), subscriptionId].toSorted();
    groups.set(key, { key, paymentMethod, currency, billingEntityId, purchaseOrderNumber, subscriptionIds });
  }
  return [...groups.values()].toSorted((one, other) => (one.key < other.key ? -1 : 1));
}

/**
 * A method named by the subscription, else by hand if it says so, else the customer's default (spec,
 * subscriptions-and-invoices 4.2).
 */
export function effectivePaymentMethod(own: PaymentMethod, defaultPaymentMethodId: string | null): PaymentMethod {
  if (own.id !== null) return own;
  if (own.type === 'manual') return { id: null, type: 'manual' };
  return { id: defaultPaymentMethodId, type: 'provider' };
}

// A JSON array, because no value can pass for the end of another in it. A subscription that stands alone names itself.
function groupKey(subscription: DueSubscription, paymentMethod: PaymentMethod): string {
  return JSON.stringify([
    paymentMethod.type,
    paymentMethod.id,
    subscription.currency,
    subscription.billingEntityId,
    subscription.consolidateInvoice ? null : subscription.subscriptionId,
    subscription.purchaseOrderNumber,
  ]);
}
