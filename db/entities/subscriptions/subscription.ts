import type { BillingTime } from '../../../billing/calendar/period.ts';
import type { SubscriptionStatus } from '../../../billing/calendar/subscription-terms.ts';
import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { TerminationCreditNote } from '../../../billing/subscriptions/termination-options.ts';

export const Subscription = defineEntity({
  name: 'Subscription',
  tableName: 'subscriptions',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    customerId: p.uuid(),
    planId: p.uuid(),
    /** Overrides the customer's billing entity. */
    billingEntityId: p.uuid().nullable(),
    previousSubscriptionId: p.uuid().nullable(),
    externalId: p.text(),
    name: p.text().default(''),
    status: p.text().$type<SubscriptionStatus>(),
    billingTime: p.text().$type<BillingTime>(),
    /** The anchor of anniversaries (spec, subscriptions-and-invoices 2.3). */
    subscriptionAt: p.datetime(3),
    startedAt: p.datetime(3).nullable(),
    /**
     * The first instant of its usage, where an earlier subscription with its external id ended after its start; null:
     * its start.
     */
    usageFrom: p.datetime(3).nullable(),
    activatedAt: p.datetime(3).nullable(),
    trialEndedAt: p.datetime(3).nullable(),
    endingAt: p.datetime(3).nullable(),
    terminatedAt: p.datetime(3).nullable(),
    canceledAt: p.datetime(3).nullable(),
    cancellationReason: p.text().nullable(),
    onTerminationCreditNote: p.text().$type<TerminationCreditNote>().nullable(),
    onTerminationInvoice: p.text().default('generate'),
    progressiveBillingDisabled: p.boolean().default(false),
    consolidateInvoice: p.boolean().default(true),
    purchaseOrderNumber: p.text().nullable(),
    paymentMethodType: p.text().$type<'provider' | 'manual'>().default('provider'),
    paymentMethodId: p.text().nullable(),
    skipInvoiceCustomSections: p.boolean().default(false),
    /** When `endingAt` got its present value: alerts of days before that never were due. */
    endingSetAt: p.datetime(3).nullable(),
    /** UTC dates of the termination alerts that were sent. */
    terminationAlertDates: p
      .json<string[]>()
      .onCreate(() => [])
      .defaultRaw(`'[]'`),
    /** The billing day (customer's date) up to which everything is billed; null: nothing yet. */
    lastBillingDay: p.date().nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [{ name: 'subscriptions_tenant', properties: ['organizationId', 'id'] }],
  indexes: [
    {
      name: 'subscriptions_one_active',
      expression: `create unique index subscriptions_one_active on subscriptions (organization_id, external_id)
         where status = 'active'`,
    },
    {
      name: 'subscriptions_one_incomplete',
      expression: `create unique index subscriptions_one_incomplete on subscriptions (organization_id, external_id)
         where status = 'incomplete'`,
    },
    {
      name: 'subscriptions_one_pending',
      expression: `create unique index subscriptions_one_pending on subscriptions (organization_id, external_id)
         where status = 'pending' and previous_subscription_id is null`,
    },
    { name: 'subscriptions_of_customer', properties: ['organizationId', 'customerId'] },
    { name: 'subscriptions_external_id', properties: ['organizationId', 'externalId'] },
    { name: 'subscriptions_of_plan', properties: ['organizationId', 'planId'] },
    { name: 'subscriptions_newest', properties: ['organizationId', 'subscriptionAt', 'createdAt', 'id'] },
  ],
});
export type Subscription = InferEntity<typeof Subscription>;
