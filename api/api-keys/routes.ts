import { changeApiKey } from '../../activities/api-keys/change-api-key.ts';
import { createApiKey } from '../../activities/api-keys/create-api-key.ts';
import { deleteApiKey } from '../../activities/api-keys/delete-api-key.ts';
import { findApiKey } from '../../activities/api-keys/lock-keys.ts';
import { rotateApiKey } from '../../activities/api-keys/rotate-api-key.ts';
import { apiKeyList } from '../../db/lists/api-keys.ts';
import { apiKeyJson } from '../../shapes/api-keys/api-key.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import { route, type Route } from '../http/route.ts';
import { apiKeyAnswer, apiKeyInput, apiKeyRotationBody, apiKeyUpdate, apiKeysAnswer, apiKeysQuery } from './schema.ts';
import { keyScopeOf, toApiKeyChange, toApiKeyCommand, toRotation } from './to-command.ts';

const permission = 'api_key';

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
      const { rows, total } = await apiKeyList.page(em, {}, page);
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
      return { api_key: apiKeyJson(await findApiKey(em, params['id'] ?? '')) };
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
      const created = await context.em.transactional((em) =>
        createApiKey(em, keyScopeOf(context), toApiKeyCommand(body)),
      );
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
        changeApiKey(em, keyScopeOf(context), params['id'] ?? '', toApiKeyChange(body)),
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
      const apiKey = await context.em.transactional((em) => deleteApiKey(em, keyScopeOf(context), params['id'] ?? ''));
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
      const created = await context.em.transactional((em) =>
        rotateApiKey(em, keyScopeOf(context), params['id'] ?? '', toRotation(body?.api_key)),
      );
      return { api_key: apiKeyJson(created.apiKey, created.value) };
    },
  }),
];
