import type { EntityManager } from '@mikro-orm/postgresql';
import { z } from 'zod';
import type { Webhook } from '../../db/entities/webhooks/webhook.ts';
import { findWebhook } from '../../activities/webhooks/find-webhook.ts';
import { retryWebhook } from '../../activities/webhooks/retry-webhook.ts';
import { webhooksJson } from '../../shapes/webhooks/webhook.ts';
import { scopeOf } from '../http/command-scope.ts';
import { route, type Route } from '../http/route.ts';
import { listWebhooks } from './list-webhooks.ts';
import { hmacKeyAnswer, publicKeyAnswer, webhookAnswer, webhookListAnswer, webhookListQuery } from './schema.ts';

/** Lago's own; the list of deliveries has none there, as it is not in its API. */
const PUBLIC_KEY_PERMISSION = 'webhook_jwt_public_key';
const permission = 'webhook_endpoint';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function answerOf(em: EntityManager, webhook: Webhook): Promise<z.infer<typeof webhookAnswer>> {
  const [json] = await webhooksJson(em, [webhook]);
  return { webhook: json! };
}

/** The fixed paths come first: `:id` would take them. */
export const routes: readonly Route[] = [
  route({
    method: 'get',
    path: '/webhooks/json_public_key',
    permission: PUBLIC_KEY_PERMISSION,
    summary: 'The key that verifies the JWT signatures of webhooks: base64 of its PEM',
    answer: publicKeyAnswer,
    handle: async ({ webhookKeys }) => ({ webhook: { public_key: base64(await webhookKeys.publicKey()) } }),
  }),
  route({
    method: 'get',
    path: '/webhooks/public_key',
    permission: PUBLIC_KEY_PERMISSION,
    summary: 'The same as plain text; deprecated',
    answer: z.string(),
    answerType: 'text/plain',
    handle: async ({ webhookKeys }) => base64(await webhookKeys.publicKey()),
  }),
  route({
    method: 'get',
    path: '/webhooks/hmac_key',
    permission,
    summary: 'The key that verifies the HMAC signatures of this organization’s webhooks: a secret',
    answer: hmacKeyAnswer,
    handle: async ({ organization, webhookKeys }) => ({
      webhook: { hmac_key: await webhookKeys.hmacKey(organization.id) },
    }),
  }),
  route({
    method: 'get',
    path: '/webhooks',
    permission,
    summary: 'Deliveries of webhooks, newest first',
    query: webhookListQuery,
    answer: webhookListAnswer,
    handle: ({ em }, { query }) => listWebhooks(em, query),
  }),
  route({
    method: 'get',
    path: '/webhooks/:id',
    permission,
    summary: 'One delivery of a webhook',
    answer: webhookAnswer,
    handle: async ({ em }, { params }) => answerOf(em, await findWebhook(em, params['id'] ?? '')),
  }),
  route({
    method: 'post',
    path: '/webhooks/:id/retry',
    permission,
    summary: 'Try a delivery that has not succeeded at once',
    answer: webhookAnswer,
    handle: async (context, { params }) => {
      const { webhook, acts } = await context.em.transactional((em) =>
        retryWebhook(em, scopeOf(context), params['id'] ?? ''),
      );
      context.startAfterAnswer(acts);
      return answerOf(context.em, webhook);
    },
  }),
];
