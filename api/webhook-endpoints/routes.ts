import { createEndpoint } from '../../activities/webhooks/create-endpoint.ts';
import { deleteEndpoint } from '../../activities/webhooks/delete-endpoint.ts';
import { findEndpoint } from '../../activities/webhooks/find-endpoint.ts';
import { updateEndpoint } from '../../activities/webhooks/update-endpoint.ts';
import { webhookEndpointList } from '../../db/lists/webhook-endpoints.ts';
import { webhookEndpointJson } from '../../shapes/webhooks/webhook-endpoint.ts';
import { scopeOf } from '../http/command-scope.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import { route, type Route } from '../http/route.ts';
import { refusingDuplicates } from '../http/unique-violation.ts';
import {
  webhookEndpointAnswer,
  webhookEndpointCreateSchema,
  webhookEndpointListAnswer,
  webhookEndpointListQuery,
  webhookEndpointUpdateSchema,
} from './schema.ts';
import { ENDPOINT_CONSTRAINTS, endpointScopeOf, toEndpointChange, toEndpointCommand } from './to-command.ts';

const permission = 'webhook_endpoint';

const create = route({
  method: 'post',
  path: '/webhook_endpoints',
  permission,
  summary: 'Create a webhook endpoint; an organization has ten at most',
  root: 'webhook_endpoint',
  body: webhookEndpointCreateSchema,
  answer: webhookEndpointAnswer,
  handle: async (context, { body }) => {
    const endpoint = await refusingDuplicates(ENDPOINT_CONSTRAINTS, () =>
      context.em.transactional((em) => createEndpoint(em, endpointScopeOf(context), toEndpointCommand(body))),
    );
    return { webhook_endpoint: webhookEndpointJson(endpoint) };
  },
});

const update = route({
  method: 'put',
  path: '/webhook_endpoints/:lago_id',
  permission,
  summary: 'Change a webhook endpoint; under a new URL what waits for a retry is tried at once',
  root: 'webhook_endpoint',
  body: webhookEndpointUpdateSchema,
  answer: webhookEndpointAnswer,
  handle: async (context, { params, body }) => {
    const endpoint = await refusingDuplicates(ENDPOINT_CONSTRAINTS, () =>
      context.em.transactional((em) =>
        updateEndpoint(em, endpointScopeOf(context), params['lago_id'] ?? '', toEndpointChange(body)),
      ),
    );
    return { webhook_endpoint: webhookEndpointJson(endpoint) };
  },
});

const read = route({
  method: 'get',
  path: '/webhook_endpoints/:lago_id',
  permission,
  summary: 'One webhook endpoint',
  answer: webhookEndpointAnswer,
  handle: async ({ em }, { params }) => ({
    webhook_endpoint: webhookEndpointJson(await findEndpoint(em, params['lago_id'] ?? '')),
  }),
});

const list = route({
  method: 'get',
  path: '/webhook_endpoints',
  permission,
  summary: 'Webhook endpoints, newest first',
  query: webhookEndpointListQuery,
  answer: webhookEndpointListAnswer,
  handle: async ({ em }, { query }) => {
    const page = pageOf(query);
    const { rows, total } = await webhookEndpointList.page(em, {}, page);
    return { webhook_endpoints: rows.map(webhookEndpointJson), meta: metaOf(page, total) };
  },
});

const remove = route({
  method: 'delete',
  path: '/webhook_endpoints/:lago_id',
  permission,
  summary: 'Delete a webhook endpoint and its deliveries',
  answer: webhookEndpointAnswer,
  handle: async (context, { params }) => {
    const endpoint = await context.em.transactional((em) =>
      deleteEndpoint(em, scopeOf(context), params['lago_id'] ?? ''),
    );
    return { webhook_endpoint: webhookEndpointJson(endpoint) };
  },
});

export const routes: readonly Route[] = [create, update, read, list, remove];
