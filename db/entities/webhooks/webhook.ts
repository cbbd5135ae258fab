import type { WebhookStatus } from '../../../billing/webhooks/webhook-status.ts';
import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/**
 * Where a delivery stands in its endpoint's lane: `arrived`, not seen by the lane yet; `head`, the oldest unfinished
 * one of its object, tried from `nextAttemptAt` on; `behind` an older one of its object; `left`, finished.
 */
export type WebhookPlace = 'arrived' | 'head' | 'behind' | 'left';

/**
 * One delivery of one webhook to one endpoint, written in the transaction of its cause: the outbox of the endpoint's
 * lane (docs/architecture/webhooks.md).
 */
export const Webhook = defineEntity({
  name: 'Webhook',
  tableName: 'webhooks',
  properties: {
    /** Sent as `X-Lago-Unique-Key`, the same at each try. */
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    webhookEndpointId: p.uuid(),
    webhookType: p.text(),
    objectType: p.text(),
    /** The object whose deliveries keep their order. */
    objectId: p.uuid(),
    /** Order of the deliveries of one object: they are written one after the other, under one lock. */
    sequence: p.bigint('bigint').autoincrement(),
    status: p.text().$type<WebhookStatus>().default('pending'),
    place: p.text().$type<WebhookPlace>().default('arrived'),
    /** Tries that failed. */
    retries: p.integer().default(0),
    /** The exact body: signed and sent as it is. */
    payload: p.text(),
    httpStatus: p.integer().nullable(),
    /** What the endpoint answered, or why it could not be reached; cut. */
    response: p.text().nullable(),
    /** Real time of the last try. */
    lastRetriedAt: p.datetime(3).nullable(),
    /** Real time from which the next try is due; null: none will be made. */
    nextAttemptAt: p.datetime(3).nullable(),
    /** Real time after which a failed try is the last. */
    expiresAt: p.datetime(3),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [{ name: 'webhooks_sequence', properties: ['sequence'] }],
  indexes: [
    {
      name: 'webhooks_arrived',
      expression: "create index webhooks_arrived on webhooks (webhook_endpoint_id, sequence) where place = 'arrived'",
    },
    {
      name: 'webhooks_heads',
      expression: "create index webhooks_heads on webhooks (webhook_endpoint_id, next_attempt_at) where place = 'head'",
    },
    {
      name: 'webhooks_of_object',
      expression: `create index webhooks_of_object on webhooks (webhook_endpoint_id, object_id, sequence)
         where place in ('head', 'behind')`,
    },
    {
      name: 'webhooks_left',
      expression: "create index webhooks_left on webhooks (expires_at) where place = 'left'",
    },
    { name: 'webhooks_newest', properties: ['organizationId', 'createdAt', 'id'] },
    { name: 'webhooks_of_endpoint', properties: ['organizationId', 'webhookEndpointId', 'createdAt'] },
  ],
});
export type Webhook = InferEntity<typeof Webhook>;
