import { createSubscription, type NewSubscription } from '../../activities/create-subscription.ts';
import { notFound } from '../../billing/refusal.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';
import { Customer } from '../../db/entities/customer.ts';
import { Subscription, type SubscriptionStatus } from '../../db/entities/subscription.ts';
import { findOrCreateCustomer } from '../customers/find-or-create-customer.ts';
import { metaOf } from '../pagination.ts';
import { planJson } from '../../shapes/plan.ts';
import { loadPlans } from '../../shapes/load-plans.ts';
import type { RequestContext } from '../request-context.ts';
import { route, type Route } from '../route.ts';
import { refusingDuplicates } from '../unique-violation.ts';
import { subscriptionJson } from '../../shapes/subscription.ts';
import { listSubscriptions } from './list-subscriptions.ts';
import { loadRelations } from '../../shapes/subscription-relations.ts';
import {
  subscriptionAnswer,
  subscriptionInput,
  subscriptionQuery,
  subscriptionsAnswer,
  subscriptionsQuery,
  type SubscriptionInput,
} from './schema.ts';
import { refuseUnavailable } from './unavailable.ts';

async function wishOf({ em }: RequestContext, input: SubscriptionInput): Promise<NewSubscription> {
  return {
    externalId: input.external_id,
    planCode: input.plan_code,
    name: input.name,
    billingTime: input.billing_time ?? 'calendar',
    subscriptionAt: input.subscription_at ?? null,
    consolidateInvoice: input.consolidate_invoice ?? true,
    progressiveBillingDisabled: input.progressive_billing_disabled ?? false,
    purchaseOrderNumber: input.purchase_order_number,
    billingEntityId: await billingEntityIdOf(em, input),
    paymentMethodType: input.payment_method?.payment_method_type ?? 'provider',
  };
}

/** The id wins over the code (spec, subscriptions-and-invoices 2.2). @throws Refusal 404. */
async function billingEntityIdOf(em: RequestContext['em'], input: SubscriptionInput): Promise<string | null> {
  const { billing_entity_id: id, billing_entity_code: code } = input;
  if (!id && !code) return null;
  const entities = await em.find(BillingEntity, {});
  const found = entities.find((entity) => (id ? entity.id === id : entity.code === code));
  if (!found) throw notFound('billing_entity');
  return found.id;
}

/** One subscription with its plan. */
async function answerOf({ em, now }: RequestContext, subscription: Subscription) {
  const relations = (await loadRelations(em, [subscription], now))(subscription);
  const plan = (await loadPlans(em, [subscription.planId])).get(subscription.planId)!;
  return { subscription: { ...subscriptionJson(subscription, relations), plan: planJson(plan) } };
}

async function create(context: RequestContext, body: SubscriptionInput) {
  const { em, organization, now, timing } = context;
  refuseUnavailable(body);
  const wish = await wishOf(context, body);
  const created = await refusingDuplicates({ subscriptions_one_active: 'external_id' }, () =>
    em.transactional((inner) =>
      createSubscription(inner, wish, {
        now,
        frozen: organization.clockNow != null,
        timing,
        customerOf: (transaction) => findOrCreateCustomer(transaction, context, body.external_customer_id),
      }),
    ),
  );
  context.wanted(created.acts);
  return answerOf(context, created.subscription);
}

async function show(context: RequestContext, externalId: string, status: string | undefined) {
  const wanted = (status ?? 'active') as SubscriptionStatus;
  const subscription = await context.em.findOne(
    Subscription,
    { externalId, status: wanted },
    { orderBy: [{ startedAt: 'desc' }, { createdAt: 'desc' }] },
  );
  if (!subscription) throw notFound('subscription');
  return answerOf(context, subscription);
}

export const routes: readonly Route[] = [
  route({
    method: 'post',
    path: '/subscriptions',
    permission: 'subscription',
    summary: 'Subscribe a customer to a plan',
    root: 'subscription',
    body: subscriptionInput,
    answer: subscriptionAnswer,
    handle: (context, { body }) => create(context, body),
  }),
  route({
    method: 'get',
    path: '/subscriptions',
    permission: 'subscription',
    summary: 'List subscriptions',
    query: subscriptionsQuery,
    answer: subscriptionsAnswer,
    handle: async ({ em, organization, now }, { query }) => {
      const { rows, total, page } = await listSubscriptions(em, organization.id, query);
      const relationsOf = await loadRelations(em, rows, now);
      return {
        subscriptions: rows.map((row) => subscriptionJson(row, relationsOf(row))),
        meta: metaOf(page, total),
      };
    },
  }),
  route({
    method: 'get',
    path: '/subscriptions/:external_id',
    permission: 'subscription',
    summary: 'Read a subscription',
    query: subscriptionQuery,
    answer: subscriptionAnswer,
    handle: (context, { params, query }) => show(context, params['external_id']!, query.status),
  }),
  route({
    method: 'get',
    path: '/customers/:external_id/subscriptions',
    permission: 'subscription',
    summary: "List a customer's subscriptions",
    query: subscriptionsQuery,
    answer: subscriptionsAnswer,
    handle: async (context, { params, query }) => {
      const { em, organization, now } = context;
      const externalId = params['external_id']!;
      if (!(await em.findOne(Customer, { externalId, deletedAt: null }))) throw notFound('customer');
      const { rows, total, page } = await listSubscriptions(em, organization.id, {
        ...query,
        external_customer_id: externalId,
      });
      const relationsOf = await loadRelations(em, rows, now);
      return { subscriptions: rows.map((row) => subscriptionJson(row, relationsOf(row))), meta: metaOf(page, total) };
    },
  }),
];
