import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../billing/refusal.ts';
import { Webhook } from '../../db/entities/webhooks/webhook.ts';
import { findById } from '../../db/queries/find-by-id.ts';

/** @throws Refusal 404 `webhook_not_found`. */
export async function findWebhook(em: EntityManager, id: string): Promise<Webhook> {
  const webhook = await findById(em, Webhook, id);
  if (!webhook) throw notFound('webhook');
  return webhook;
}
