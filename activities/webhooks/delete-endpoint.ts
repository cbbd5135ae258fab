import type { EntityManager } from '@mikro-orm/postgresql';
import { wakeActs } from '../../db/acts/wake-acts.ts';
import { WebhookEndpoint } from '../../db/entities/webhooks/webhook-endpoint.ts';
import type { CommandScope } from '../command-scope.ts';
import { lockEndpoint } from './lock-endpoint.ts';
import { webhooksId } from './webhooks-act.ts';

/**
 * Deletes an endpoint and its deliveries in the caller's transaction, and ends its lane.
 *
 * @throws Refusal 404 `webhook_endpoint_not_found`.
 */
export async function deleteEndpoint(em: EntityManager, _: CommandScope, id: string): Promise<WebhookEndpoint> {
  const endpoint = await lockEndpoint(em, id);
  await em.nativeDelete(WebhookEndpoint, { id: endpoint.id });
  await wakeActs(em, [webhooksId(endpoint.id)]);
  return endpoint;
}
