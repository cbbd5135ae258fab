import { z } from 'zod';
import { SIGNATURE_ALGORITHMS } from '../../billing/webhooks/signature-algorithm.ts';
import type { WebhookEndpoint } from '../../db/entities/webhooks/webhook-endpoint.ts';
import { datetime } from '../formats.ts';

/** Spec, api 4.1. */
export const webhookEndpointSchema = z
  .strictObject({
    lago_id: z.uuid(),
    lago_organization_id: z.uuid(),
    webhook_url: z.string(),
    signature_algo: z.enum(SIGNATURE_ALGORITHMS),
    name: z.string().nullable(),
    event_types: z.array(z.string()).nullable(),
    created_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'WebhookEndpoint' });

export const webhookEndpointJson = (endpoint: WebhookEndpoint): z.infer<typeof webhookEndpointSchema> => ({
  lago_id: endpoint.id,
  lago_organization_id: endpoint.organizationId,
  webhook_url: endpoint.webhookUrl,
  signature_algo: endpoint.signatureAlgo,
  name: endpoint.name ?? null,
  event_types: endpoint.eventTypes ?? null,
  created_at: datetime(endpoint.createdAt),
});
