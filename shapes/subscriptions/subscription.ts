import { currentWindow, earlier } from '../../billing/calendar/charge-window.ts';
import type { LastWindows } from '../../billing/calendar/last-windows.ts';
import { centsToNumber } from '../../billing/money/cents.ts';
import type { PlanFacts, SubscriptionFacts } from '../../billing/subscriptions/subscription-facts.ts';
import { serviceTermsOf } from '../../billing/subscriptions/terms-of.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import type { Plan } from '../../db/entities/plans/plan.ts';
import type { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { datetime, datetimeWithMilliseconds } from '../formats.ts';

/** What a subscription shows of itself: a row, or one of a preview, without an id. */
export type ShownSubscription<Id extends string | null = string> = Omit<SubscriptionFacts, 'id'> &
  Pick<
    Subscription,
    | 'activatedAt'
    | 'canceledAt'
    | 'cancellationReason'
    | 'onTerminationCreditNote'
    | 'onTerminationInvoice'
    | 'progressiveBillingDisabled'
  > & { readonly id: Id };

/** What a subscription's JSON is made of besides its own fields. */
export interface SubscriptionRelations {
  readonly customer: Pick<Customer, 'id' | 'externalId'>;
  readonly plan: PlanFacts & Pick<Plan, 'code'>;
  /** Of the issuer of its invoices: its own, else the customer's. */
  readonly billingEntityCode: string;
  /** The customer's applicable time zone. */
  readonly timeZone: string;
  readonly lastWindows: LastWindows;
  /** The organization's clock. */
  readonly now: Date;
}

/** A subscription on the wire (spec, subscriptions-and-invoices 2.9). */
export function subscriptionJson<Id extends string | null>(
  subscription: ShownSubscription<Id>,
  relations: SubscriptionRelations,
) {
  const { customer, plan } = relations;
  const { startedAt } = subscription;
  const period = currentPeriod(subscription, relations);
  return {
    lago_id: subscription.id,
    external_id: subscription.externalId,
    lago_customer_id: customer.id,
    external_customer_id: customer.externalId,
    billing_entity_code: relations.billingEntityCode,
    name: subscription.name,
    plan_code: plan.code,
    plan_amount_cents: centsToNumber(plan.amountCents),
    plan_amount_currency: plan.amountCurrency,
    status: subscription.status,
    billing_time: subscription.billingTime,
    subscription_at: datetime(subscription.subscriptionAt),
    started_at: datetimeWithMilliseconds(startedAt),
    trial_ended_at: datetime(subscription.trialEndedAt),
    ending_at: datetime(subscription.endingAt),
    terminated_at: datetime(subscription.terminatedAt),
    canceled_at: datetime(subscription.canceledAt),
    activated_at: datetime(subscription.activatedAt),
    created_at: datetime(subscription.createdAt),
    previous_plan_code: null,
    next_plan_code: null,
    downgrade_plan_date: null,
    current_billing_period_started_at: datetime(period?.from),
    current_billing_period_ending_at: datetime(period?.to),
    on_termination_credit_note: subscription.onTerminationCreditNote ?? null,
    on_termination_invoice: subscription.onTerminationInvoice,
    progressive_billing_disabled: subscription.progressiveBillingDisabled,
    consolidate_invoice: subscription.consolidateInvoice,
    purchase_order_number: subscription.purchaseOrderNumber ?? null,
    cancellation_reason: subscription.cancellationReason ?? null,
    payment_method: {
      payment_method_id: subscription.paymentMethodId ?? null,
      payment_method_type: subscription.paymentMethodType,
    },
    activation_rules: [],
    applied_invoice_custom_sections: [],
  };
}

/** The usage window that contains now, or the first one of a subscription that starts later. */
function currentPeriod(
  subscription: Omit<SubscriptionFacts, 'id'>,
  { plan, timeZone, lastWindows, now }: SubscriptionRelations,
) {
  const { startedAt } = subscription;
  if (!startedAt) return null;
  const at = earlier(startedAt > now ? startedAt : now, subscription.terminatedAt ?? null);
  return currentWindow(serviceTermsOf(subscription, plan), timeZone, at, 'charges', lastWindows.charges);
}
