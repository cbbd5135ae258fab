import type { WebhookEndpoint } from '../../db/entities/webhook-endpoint.ts';
import { datetime } from '../../shapes/formats.ts';
import type { WebhookEndpointJson } from './schema.ts';

/** Spec, api 4.1. */
export const webhookEndpointJson = (endpoint: WebhookEndpoint): WebhookEndpointJson => ({
  lago_id: endpoint.id,
  lago_organization_id: endpoint.organizationId,
  webhook_url: endpoint.webhookUrl,
  signature_algo: endpoint.signatureAlgo,
  name: endpoint.name ?? null,
  event_types: endpoint.eventTypes ?? null,
  created_at: datetime(endpoint.createdAt),
});
