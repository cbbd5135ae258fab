import { readCurrentUsage } from '../../activities/usage/read-current-usage.ts';
import { forbidden } from '../../billing/refusal.ts';
import { WHOLE_PLAN } from '../../billing/usage/select-charges.ts';
import { projectedUsageJson } from '../../shapes/usage/projected-usage.ts';
import { currentUsageJson } from '../../shapes/usage/current-usage.ts';
import { route, type Route } from '../http/route.ts';
import { listPastUsage } from './list-past-usage.ts';
import {
  currentUsageQuery,
  customerUsageAnswer,
  pastUsageAnswer,
  pastUsageQuery,
  projectedUsageAnswer,
  projectedUsageQuery,
} from './schema.ts';
import { toUsageSelection } from './to-selection.ts';

export const routes: readonly Route[] = [
  route({
    method: 'get',
    path: '/customers/:external_id/current_usage',
    permission: 'customer_usage',
    summary: "What a subscription's running period has used and would cost",
    query: currentUsageQuery,
    answer: customerUsageAnswer,
    handle: async ({ em, organization, now }, { params, query }) => {
      const usage = await readCurrentUsage(
        em,
        { organizationId: organization.id, now },
        {
          externalCustomerId: params['external_id'] ?? '',
          externalSubscriptionId: query.external_subscription_id ?? null,
          selection: toUsageSelection(query),
          applyTaxes: query.apply_taxes !== false,
          skipGroups: query.skip_grouping === true,
          premiumIntegrations: organization.premiumIntegrations,
        },
      );
      return { customer_usage: currentUsageJson(usage) };
    },
  }),
  route({
    method: 'get',
    path: '/customers/:external_id/projected_usage',
    permission: 'customer_usage',
    summary: "What a subscription's running period will have used at its end, if usage goes on as it has",
    query: projectedUsageQuery,
    answer: projectedUsageAnswer,
    handle: async ({ em, organization, now }, { params, query }) => {
      const { premiumIntegrations } = organization;
      if (!premiumIntegrations.includes('projected_usage')) throw forbidden('projected_usage_not_enabled');
      const usage = await readCurrentUsage(
        em,
        { organizationId: organization.id, now },
        {
          externalCustomerId: params['external_id'] ?? '',
          externalSubscriptionId: query.external_subscription_id ?? null,
          selection: WHOLE_PLAN,
          applyTaxes: query.apply_taxes !== false,
          skipGroups: false,
          premiumIntegrations,
        },
      );
      return { customer_projected_usage: projectedUsageJson(usage, now) };
    },
  }),
  route({
    method: 'get',
    path: '/customers/:external_id/past_usage',
    permission: 'customer_usage',
    summary: "What a subscription's billed periods have used, the newest first",
    query: pastUsageQuery,
    answer: pastUsageAnswer,
    handle: (context, { params, query }) => listPastUsage(context, params['external_id'] ?? '', query),
  }),
];
