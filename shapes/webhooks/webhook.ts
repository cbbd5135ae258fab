import type { EntityManager } from '@mikro-orm/postgresql';
import { z } from 'zod';
import { WEBHOOK_STATUSES } from '../../billing/webhooks/webhook-status.ts';
import type { Webhook } from '../../db/entities/webhooks/webhook.ts';
import { WebhookEndpoint } from '../../db/entities/webhooks/webhook-endpoint.ts';
import { rowsById } from '../../db/queries/rows-by-id.ts';
import { datetime } from '../formats.ts';

/** One delivery (spec, api 4.5). */
export const webhookSchema = z
  .strictObject({
    lago_id: z.uuid(),
    lago_webhook_endpoint_id: z.uuid(),
    endpoint: z.string().meta({ description: 'The URL of the endpoint as it is now.' }),
    webhook_type: z.string(),
    object_type: z.string(),
    lago_object_id: z.uuid(),
    status: z.enum(WEBHOOK_STATUSES),
    retries: z.int(),
    http_status: z.int().nullable(),
    payload: z.record(z.string(), z.unknown()),
    response: z.string().nullable(),
    last_retried_at: z.string().nullable(),
    created_at: z.string().meta({ format: 'date-time' }),
    updated_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'Webhook' });

/** Deliveries in their order; one query more at most, however many they are. */
export async function webhooksJson(
  em: EntityManager,
  webhooks: readonly Webhook[],
): Promise<z.infer<typeof webhookSchema>[]> {
  const endpoints = await rowsById(
    em,
    WebhookEndpoint,
    webhooks.map(({ webhookEndpointId }) => webhookEndpointId),
  );
  return webhooks.map((webhook) => ({
    lago_id: webhook.id,
    lago_webhook_endpoint_id: webhook.webhookEndpointId,
    endpoint: endpoints.get(webhook.webhookEndpointId)?.webhookUrl ?? '',
    webhook_type: webhook.webhookType,
    object_type: webhook.objectType,
    lago_object_id: webhook.objectId,
    status: webhook.status,
    retries: webhook.retries,
    http_status: webhook.httpStatus ?? null,
    payload: JSON.parse(webhook.payload) as Record<string, unknown>,
    response: webhook.response ?? null,
    last_retried_at: datetime(webhook.lastRetriedAt),
    created_at: datetime(webhook.createdAt),
    updated_at: datetime(webhook.updatedAt),
  }));
}
