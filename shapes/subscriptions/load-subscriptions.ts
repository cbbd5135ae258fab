import type { EntityManager } from '@mikro-orm/postgresql';
import { entityOf, loadBillingEntities } from '../../db/queries/organizations/billing-entities.ts';
import type { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { customerJson } from '../customers/customer.ts';
import { loadPlans } from '../plans/load-plans.ts';
import { planJson } from '../plans/plan.ts';
import { subscriptionJson } from './subscription.ts';
import { loadRelations } from './subscription-relations.ts';

/**
 * A subscription with its plan and customer, as webhooks show it (spec, subscriptions-and-invoices 14).
 *
 * @param now the organization's clock.
 */
export async function detailedSubscription(em: EntityManager, subscription: Subscription, now: Date) {
  const relations = (await loadRelations(em, [subscription], now))(subscription);
  const plan = (await loadPlans(em, [subscription.planId])).get(subscription.planId);
  if (!plan) throw new Error(`subscription ${subscription.id} has no plan`);
  const entity = entityOf(await loadBillingEntities(em), relations.customer.billingEntityId);
  return {
    ...subscriptionJson(subscription, relations),
    plan: planJson(plan),
    customer: customerJson(relations.customer, entity),
    entitlements: [],
    applicable_usage_thresholds: [],
  };
}
