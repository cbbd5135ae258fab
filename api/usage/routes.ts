import { route, type Route } from '../http/route.ts';
import { currentUsageJson } from './json.ts';
import { readCurrentUsage } from './read-current-usage.ts';
import { currentUsageQuery, customerUsageAnswer } from './schema.ts';

export const routes: readonly Route[] = [
  route({
    method: 'get',
    path: '/customers/:external_id/current_usage',
    permission: 'customer_usage',
    summary: "What a subscription's running period has used and would cost",
    query: currentUsageQuery,
    answer: customerUsageAnswer,
    handle: async (context, { params, query }) => ({
      customer_usage: currentUsageJson(await readCurrentUsage(context, params['external_id'] ?? '', query)),
    }),
  }),
];
