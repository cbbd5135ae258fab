import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../billing/calendar/applicable-time-zone.ts';
import { BillingEntity } from '../db/entities/billing-entity.ts';
import { Customer } from '../db/entities/customer.ts';
import { Plan } from '../db/entities/plan.ts';
import type { Subscription } from '../db/entities/subscription.ts';
import type { SubscriptionRelations } from './subscription.ts';

/** What the JSON of these subscriptions needs, in three queries however many they are. */
export async function loadRelations(
  em: EntityManager,
  subscriptions: readonly Subscription[],
  now: Date,
): Promise<(subscription: Subscription) => SubscriptionRelations> {
  const unique = (ids: readonly string[]): string[] => [...new Set(ids)];
  const customers = await em.find(Customer, { id: unique(subscriptions.map(({ customerId }) => customerId)) });
  const plans = await em.find(Plan, { id: unique(subscriptions.map(({ planId }) => planId)) });
  const entities = await em.find(BillingEntity, { id: unique(customers.map((customer) => customer.billingEntityId)) });
  const customerById = new Map(customers.map((customer) => [customer.id, customer]));
  const planById = new Map(plans.map((plan) => [plan.id, plan]));
  const entityById = new Map(entities.map((entity) => [entity.id, entity]));
  return (subscription) => {
    const customer = customerById.get(subscription.customerId)!;
    return {
      customer,
      plan: planById.get(subscription.planId)!,
      timeZone: applicableTimeZone(customer, entityById.get(customer.billingEntityId)!),
      now,
    };
  };
}
