import type { SignatureAlgorithm } from '../../../billing/webhooks/signature-algorithm.ts';
import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/** Where an organization wants its webhooks sent. */
export const WebhookEndpoint = defineEntity({
  name: 'WebhookEndpoint',
  tableName: 'webhook_endpoints',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    webhookUrl: p.text(),
    signatureAlgo: p.text().$type<SignatureAlgorithm>().default('jwt'),
    name: p.text().nullable(),
    /** Types that it wants; null: all of them, an empty list: none. */
    eventTypes: p.json<string[]>().nullable(),
    /** Tries that failed, of whichever delivery, since the last one that was acknowledged. */
    failures: p.integer().default(0),
    /**
     * Real time until which nothing is sent to an endpoint that has failed many times in a row; null: it is not paused.
     */
    pausedUntil: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [
    { name: 'webhook_endpoints_tenant', properties: ['organizationId', 'id'] },
    { name: 'webhook_endpoints_url', properties: ['organizationId', 'webhookUrl'] },
  ],
});
export type WebhookEndpoint = InferEntity<typeof WebhookEndpoint>;
