import { list, type NoFilter } from './list.ts';

/** Webhook endpoints, newest first. */
export const webhookEndpointList = list({
  table: 'webhook_endpoints',
  order: [
    ['createdAt', 'desc'],
    ['id', 'asc'],
  ],
  conditions: (_filter: NoFilter) => [],
});
