import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../billing/refusal.ts';
import type { WebhookEndpoint } from '../../db/entities/webhooks/webhook-endpoint.ts';
import { lockLane } from '../../db/queries/webhooks/webhook-lane.ts';
import { findEndpoint } from './find-endpoint.ts';

/**
 * An endpoint as it stays until the end of the transaction: its lane waits meanwhile.
 *
 * @throws Refusal as `findEndpoint`.
 */
export async function lockEndpoint(em: EntityManager, id: string): Promise<WebhookEndpoint> {
  const found = await findEndpoint(em, id);
  const isThere = await lockLane(em, found.id);
  if (!isThere) throw notFound('webhook_endpoint');
  return em.refreshOrFail(found);
}
