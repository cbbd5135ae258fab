import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { Plan } from '../../db/entities/plans/plan.ts';
import { NO_WINDOWS } from '../../billing/calendar/last-windows.ts';
import { lastInvoicedWindows } from '../../db/queries/subscriptions/last-invoiced-windows.ts';
import { rowsById } from '../../db/queries/rows-by-id.ts';
import type { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import type { SubscriptionRelations } from './subscription.ts';

/** From rows, of which other objects show more. */
export interface LoadedRelations extends SubscriptionRelations {
  readonly customer: Customer;
  readonly plan: Plan;
}

/** What the JSON of these subscriptions needs, in four queries at most however many they are. */
export async function loadRelations(
  em: EntityManager,
  subscriptions: readonly Subscription[],
  now: Date,
): Promise<(subscription: Subscription) => LoadedRelations> {
  const idsOf = (key: 'customerId' | 'planId'): string[] => subscriptions.map((subscription) => subscription[key]);
  const customerById = await rowsById(em, Customer, idsOf('customerId'));
  const planById = await rowsById(em, Plan, idsOf('planId'));
  const entityIds = [
    ...[...customerById.values()].map((customer) => customer.billingEntityId),
    ...subscriptions.flatMap(({ billingEntityId }) => billingEntityId ?? []),
  ];
  const entityById = await rowsById(em, BillingEntity, entityIds);
  const billed = subscriptions.filter(({ lastBillingDay }) => lastBillingDay != null);
  const lastWindows = await lastInvoicedWindows(em, {
    organizationId: billed[0]?.organizationId ?? '',
    subscriptionIds: billed.map(({ id }) => id),
    before: now,
  });
  return (subscription) => {
    const customer = customerById.get(subscription.customerId)!;
    return {
      customer,
      plan: planById.get(subscription.planId)!,
      billingEntityCode: entityById.get(subscription.billingEntityId ?? customer.billingEntityId)!.code,
      timeZone: applicableTimeZone(customer, entityById.get(customer.billingEntityId)!),
      lastWindows: lastWindows.get(subscription.id) ?? NO_WINDOWS,
      now,
    };
  };
}
