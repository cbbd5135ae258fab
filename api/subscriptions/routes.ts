import { createSubscription } from '../../activities/subscriptions/create-subscription.ts';
import { endOnRequest } from '../../activities/subscriptions/end-on-request.ts';
import { updateSubscription } from '../../activities/subscriptions/update-subscription.ts';
import { notFound } from '../../billing/refusal.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import type { SubscriptionStatus } from '../../billing/calendar/subscription-terms.ts';
import { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { planJson } from '../../shapes/plans/plan.ts';
import { loadPlans } from '../../shapes/plans/load-plans.ts';
import type { RequestContext } from '../http/request-context.ts';
import { scopeOf } from '../http/command-scope.ts';
import { route, type Route } from '../http/route.ts';
import { refusingDuplicates } from '../http/unique-violation.ts';
import { subscriptionJson } from '../../shapes/subscriptions/subscription.ts';
import { listSubscriptions } from './list-subscriptions.ts';
import { loadRelations } from '../../shapes/subscriptions/subscription-relations.ts';
import {
  subscriptionAnswer,
  subscriptionInput,
  subscriptionQuery,
  subscriptionsAnswer,
  subscriptionsQuery,
  subscriptionUpdateInput,
  terminationInput,
  terminationQuery,
  type SubscriptionInput,
  type SubscriptionUpdateInput,
} from './schema.ts';
import { toCreateSubscription, toEndSubscription, toUpdateSubscription } from './to-command.ts';
import { refuseUnavailableParts } from './unavailable-parts.ts';

/** One subscription with its plan. */
async function answerOf({ em, now }: RequestContext, subscription: Subscription) {
  const relations = (await loadRelations(em, [subscription], now))(subscription);
  const plan = (await loadPlans(em, [subscription.planId])).get(subscription.planId)!;
  const json = subscriptionJson(subscription, relations);
  return { subscription: { ...json, plan: planJson(plan), entitlements: [], applicable_usage_thresholds: [] } };
}

/** Whoever is second of two with one external id, of two customers at once. */
const TAKEN_EXTERNAL_ID = { subscriptions_one_active: 'external_id', subscriptions_one_pending: 'external_id' };

async function create(context: RequestContext, body: SubscriptionInput) {
  refuseUnavailableParts(body);
  const { subscription, acts } = await refusingDuplicates(TAKEN_EXTERNAL_ID, () =>
    context.em.transactional((em) => createSubscription(em, scopeOf(context), toCreateSubscription(body))),
  );
  context.startAfterAnswer(acts);
  return answerOf(context, subscription);
}

async function update(
  context: RequestContext,
  externalId: string,
  body: SubscriptionUpdateInput,
  status: string | undefined,
) {
  refuseUnavailableParts(body);
  const command = toUpdateSubscription({ externalId, status: status ?? null }, body);
  const { subscription, acts } = await refusingDuplicates({ subscriptions_one_active: 'external_id' }, () =>
    context.em.transactional((em) => updateSubscription(em, scopeOf(context), command)),
  );
  context.startAfterAnswer(acts);
  return answerOf(context, subscription);
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
    handle: async ({ em, now }, { query }) => {
      const { rows, meta } = await listSubscriptions(em, query);
      const relationsOf = await loadRelations(em, rows, now);
      return { subscriptions: rows.map((row) => subscriptionJson(row, relationsOf(row))), meta };
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
    method: 'put',
    path: '/subscriptions/:external_id',
    permission: 'subscription',
    summary: 'Change a subscription',
    root: 'subscription',
    query: subscriptionQuery,
    body: subscriptionUpdateInput,
    answer: subscriptionAnswer,
    handle: (context, { params, query, body }) =>
      update(context, params['external_id']!, body, query.status ?? body.status ?? undefined),
  }),
  route({
    method: 'delete',
    path: '/subscriptions/:external_id',
    permission: 'subscription',
    summary: 'End a subscription, or cancel one that has not begun',
    query: terminationQuery,
    body: terminationInput,
    answer: subscriptionAnswer,
    handle: async (context, { params, query, body }) => {
      const options = { ...body, ...query };
      const command = toEndSubscription(
        { externalId: params['external_id']!, status: options.status ?? null },
        options,
      );
      const { subscription, acts } = await endOnRequest(context.em, scopeOf(context), command);
      context.startAfterAnswer(acts);
      return answerOf(context, subscription);
    },
  }),
  route({
    method: 'get',
    path: '/customers/:external_id/subscriptions',
    permission: 'subscription',
    summary: "List a customer's subscriptions",
    query: subscriptionsQuery,
    answer: subscriptionsAnswer,
    handle: async ({ em, now }, { params, query }) => {
      const externalId = params['external_id']!;
      if (!(await em.findOne(Customer, { externalId, deletedAt: null }))) throw notFound('customer');
      const { rows, meta } = await listSubscriptions(em, { ...query, external_customer_id: externalId });
      const relationsOf = await loadRelations(em, rows, now);
      return { subscriptions: rows.map((row) => subscriptionJson(row, relationsOf(row))), meta };
    },
  }),
];
