import { notFound } from '../../billing/refusal.ts';
import { ApiKey } from '../../db/entities/api-key.ts';
import { realTime } from '../http/clock.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import type { RequestContext } from '../http/request-context.ts';
import { route, type Route } from '../http/route.ts';
import { apiKeyJson } from './json.ts';
import { createApiKey, deleteApiKey, findApiKey, rotateApiKey, updateApiKey, type Asking } from './save-api-key.ts';
import { apiKeyAnswer, apiKeyInput, apiKeyRotationBody, apiKeyUpdate, apiKeysAnswer, apiKeysQuery } from './schema.ts';

const permission = 'api_key';

const askingOf = ({ organization, apiKey }: RequestContext): Asking => ({
  organizationId: organization.id,
  apiKeyId: apiKey.id,
  realNow: realTime(),
});

/** In the reference these are in its web interface; the paths are the spec's choice (api 1.1). */
export const routes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api_keys',
    permission,
    summary: 'API keys, newest first',
    query: apiKeysQuery,
    answer: apiKeysAnswer,
    handle: async ({ em }, { query }) => {
      const page = pageOf(query);
      const [rows, total] = await em.findAndCount(
        ApiKey,
        {},
        { orderBy: [{ createdAt: 'desc' }, { id: 'asc' }], limit: page.limit, offset: page.offset },
      );
      return { api_keys: rows.map((row) => apiKeyJson(row)), meta: metaOf(page, total) };
    },
  }),
  route({
    method: 'get',
    path: '/api_keys/:id',
    permission,
    summary: 'One API key, its value masked',
    answer: apiKeyAnswer,
    handle: async ({ em }, { params }) => {
      const apiKey = await findApiKey(em, params['id'] ?? '');
      if (!apiKey) throw notFound('api_key');
      return { api_key: apiKeyJson(apiKey) };
    },
  }),
  route({
    method: 'post',
    path: '/api_keys',
    permission,
    summary: 'Make an API key; this answer alone shows its value',
    root: 'api_key',
    body: apiKeyInput,
    answer: apiKeyAnswer,
    secretAnswer: true,
    handle: async (context, { body }) => {
      const created = await context.em.transactional((em) => createApiKey(em, askingOf(context), body));
      return { api_key: apiKeyJson(created.apiKey, created.value) };
    },
  }),
  route({
    method: 'put',
    path: '/api_keys/:id',
    permission,
    summary: 'Change the name and the permissions of an API key',
    root: 'api_key',
    body: apiKeyUpdate,
    answer: apiKeyAnswer,
    handle: async (context, { params, body }) => {
      const apiKey = await context.em.transactional((em) =>
        updateApiKey(em, askingOf(context), params['id'] ?? '', body),
      );
      return { api_key: apiKeyJson(apiKey) };
    },
  }),
  route({
    method: 'delete',
    path: '/api_keys/:id',
    permission,
    summary: 'Delete an API key; the last one that does not expire stays',
    answer: apiKeyAnswer,
    handle: async (context, { params }) => {
      const apiKey = await context.em.transactional((em) => deleteApiKey(em, askingOf(context), params['id'] ?? ''));
      return { api_key: apiKeyJson(apiKey) };
    },
  }),
  route({
    method: 'post',
    path: '/api_keys/:id/rotate',
    permission,
    summary: 'Put a new API key, with default permissions, in the place of one; this answer alone shows its value',
    body: apiKeyRotationBody,
    answer: apiKeyAnswer,
    secretAnswer: true,
    handle: async (context, { params, body }) => {
      const rotation = body?.api_key ?? { name: undefined };
      const created = await context.em.transactional((em) =>
        rotateApiKey(em, askingOf(context), params['id'] ?? '', rotation),
      );
      return { api_key: apiKeyJson(created.apiKey, created.value) };
    },
  }),
];
