import type { EntityManager } from '@mikro-orm/postgresql';
import { WebhookEndpoint } from '../../db/entities/webhooks/webhook-endpoint.ts';
import { createEndpoint } from './create-endpoint.ts';
import type { EndpointScope } from './endpoint-command.ts';
import { updateEndpoint } from './update-endpoint.ts';

/**
 * Gives the organization's first endpoint this URL, or creates it (spec, api 2.1). @throws Refusal as creation and
 * change.
 */
export async function saveFirstEndpoint(
  em: EntityManager,
  scope: EndpointScope,
  webhookUrl: string,
): Promise<WebhookEndpoint> {
  const [first] = await em.find(WebhookEndpoint, {}, { orderBy: { createdAt: 'asc', id: 'asc' }, limit: 1 });
  return first ? updateEndpoint(em, scope, first.id, { webhookUrl }) : createEndpoint(em, scope, { webhookUrl });
}
