import type { CreateSubscription } from '../../activities/subscriptions/create-subscription.ts';
import type { EndSubscription } from '../../activities/subscriptions/end-on-request.ts';
import type { MeantSubscription } from '../../db/queries/subscriptions/meant-subscription.ts';
import type { UpdateSubscription } from '../../activities/subscriptions/update-subscription.ts';
import type { AskedTermination } from '../../billing/subscriptions/termination-options.ts';
import type { NamedBillingEntity } from '../../db/queries/organizations/billing-entities.ts';
import { given } from '../http/given-attributes.ts';
import type { SubscriptionInput, SubscriptionUpdateInput, TerminationInput } from './schema.ts';

type Input = SubscriptionInput | SubscriptionUpdateInput;

export const toCreateSubscription = (input: SubscriptionInput): CreateSubscription => ({
  externalCustomerId: input.external_customer_id,
  externalId: input.external_id,
  planCode: input.plan_code,
  name: input.name,
  billingTime: input.billing_time ?? 'calendar',
  subscriptionAt: input.subscription_at ?? null,
  endingAt: input.ending_at ?? null,
  consolidateInvoice: input.consolidate_invoice ?? true,
  progressiveBillingDisabled: input.progressive_billing_disabled ?? false,
  purchaseOrderNumber: input.purchase_order_number,
  billingEntity: toBillingEntity(input),
  paymentMethodType: input.payment_method?.payment_method_type ?? 'provider',
});

/** Only of the end and the purchase order number does null mean that there is to be none. */
export const toUpdateSubscription = (meant: MeantSubscription, input: SubscriptionUpdateInput): UpdateSubscription => ({
  ...meant,
  billingEntity: toBillingEntity(input),
  changes: {
    ...given({
      name: input.name ?? undefined,
      progressiveBillingDisabled: input.progressive_billing_disabled ?? undefined,
      consolidateInvoice: input.consolidate_invoice ?? undefined,
      paymentMethodType: input.payment_method?.payment_method_type ?? undefined,
      purchaseOrderNumber: input.purchase_order_number,
      subscriptionAt: input.subscription_at ?? undefined,
      endingAt: input.ending_at,
    }),
    termination: toTermination(input),
  },
});

export const toEndSubscription = (meant: MeantSubscription, input: TerminationInput): EndSubscription => ({
  ...meant,
  termination: toTermination(input),
});

const toBillingEntity = (input: Input): NamedBillingEntity => ({
  id: input.billing_entity_id ?? null,
  code: input.billing_entity_code ?? null,
});

const toTermination = (input: SubscriptionUpdateInput | TerminationInput): AskedTermination => ({
  creditNote: input.on_termination_credit_note ?? null,
  invoice: input.on_termination_invoice ?? null,
});
