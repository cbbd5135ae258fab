import { readCurrentUsage } from '../../activities/usage/read-current-usage.ts';
import { currentUsageJson } from '../../shapes/usage/current-usage.ts';
import { route, type Route } from '../http/route.ts';
import { listPastUsage } from './list-past-usage.ts';
import { currentUsageQuery, customerUsageAnswer, pastUsageAnswer, pastUsageQuery } from './schema.ts';
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
    path: '/customers/:external_id/past_usage',
    permission: 'customer_usage',
    summary: "What a subscription's billed periods have used, the newest first",
    query: pastUsageQuery,
    answer: pastUsageAnswer,
    handle: (context, { params, query }) => listPastUsage(context, params['external_id'] ?? '', query),
  }),
];
