import type { EntityManager } from '@mikro-orm/postgresql';
import { urlTaken } from '../../billing/webhooks/endpoint-limit.ts';
import { wakeActs } from '../../db/acts/wake-acts.ts';
import { WebhookEndpoint } from '../../db/entities/webhooks/webhook-endpoint.ts';
import { hastenRetries } from '../../db/queries/webhooks/webhook-lane.ts';
import type { EndpointChange, EndpointScope } from './endpoint-command.ts';
import { lockEndpoint } from './lock-endpoint.ts';
import { refuseUnreachable } from './webhook-target.ts';
import { webhooksId } from './webhooks-act.ts';

/**
 * Changes an endpoint in the caller's transaction. Under a new URL everything that waits for a retry is tried again at
 * once.
 *
 * @throws Refusal 404 `webhook_endpoint_not_found`; 422 `webhook_url: value_already_exist`, and as `refuseUnreachable`.
 */
export async function updateEndpoint(
  em: EntityManager,
  { now, realTime, allowedNetworks }: EndpointScope,
  id: string,
  change: EndpointChange,
): Promise<WebhookEndpoint> {
  const endpoint = await lockEndpoint(em, id);
  const { webhookUrl = endpoint.webhookUrl } = change;
  const moves = webhookUrl !== endpoint.webhookUrl;
  if (moves) refuseUnreachable(webhookUrl, allowedNetworks);
  if (moves && (await em.count(WebhookEndpoint, { webhookUrl })) > 0) throw urlTaken();
  em.assign(endpoint, { ...change, ...(moves && { failures: 0, pausedUntil: null }), updatedAt: now });
  await em.flush();
  if (moves) {
    await hastenRetries(em, endpoint.id, realTime);
    await wakeActs(em, [webhooksId(endpoint.id)]);
  }
  return endpoint;
}
