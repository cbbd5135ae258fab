import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { ENDPOINTS_MAX, refuseAnotherEndpoint } from '../../billing/webhooks/endpoint-limit.ts';
import { WebhookEndpoint } from '../../db/entities/webhooks/webhook-endpoint.ts';
import { lockOrganization } from '../../db/queries/organizations/lock-organization.ts';
import type { EndpointCommand, EndpointScope } from './endpoint-command.ts';
import { refuseUnreachable } from './webhook-target.ts';

/**
 * Creates an endpoint in the caller's transaction; the organization's creations take turns, so that no race makes an
 * eleventh.
 *
 * @throws Refusal as `refuseAnotherEndpoint` and `insertEndpoint`.
 */
export async function createEndpoint(
  em: EntityManager,
  scope: EndpointScope,
  command: EndpointCommand,
): Promise<WebhookEndpoint> {
  await lockOrganization(em, scope.organizationId);
  const present = await em.find(WebhookEndpoint, {}, { fields: ['webhookUrl'], limit: ENDPOINTS_MAX });
  refuseAnotherEndpoint(
    present.map(({ webhookUrl }) => webhookUrl),
    command.webhookUrl,
  );
  return insertEndpoint(em, scope, command);
}

/**
 * The same without the checks against the other endpoints, for an organization that is just being created.
 *
 * @throws Refusal as `refuseUnreachable`.
 */
export async function insertEndpoint(
  em: EntityManager,
  { organizationId, now, allowedNetworks }: Omit<EndpointScope, 'realTime'>,
  { webhookUrl, signatureAlgo = 'jwt', name = null, eventTypes = null }: EndpointCommand,
): Promise<WebhookEndpoint> {
  refuseUnreachable(webhookUrl, allowedNetworks);
  const endpoint = em.create(WebhookEndpoint, {
    id: v7(),
    organizationId,
    webhookUrl,
    signatureAlgo,
    name,
    eventTypes,
    createdAt: now,
    updatedAt: now,
  });
  await em.flush();
  return endpoint;
}
