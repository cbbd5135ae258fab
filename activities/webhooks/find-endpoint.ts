import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../billing/refusal.ts';
import { WebhookEndpoint } from '../../db/entities/webhooks/webhook-endpoint.ts';
import { findById } from '../../db/queries/find-by-id.ts';

/** @throws Refusal 404 `webhook_endpoint_not_found`. */
export async function findEndpoint(em: EntityManager, id: string): Promise<WebhookEndpoint> {
  const endpoint = await findById(em, WebhookEndpoint, id);
  if (!endpoint) throw notFound('webhook_endpoint');
  return endpoint;
}
