import type { EntityManager } from '@mikro-orm/postgresql';
import { ENDPOINTS_MAX } from '../../../billing/webhooks/endpoint-limit.ts';
import { WebhookEndpoint } from '../../entities/webhooks/webhook-endpoint.ts';

/** All endpoints of the entity manager's organization, the first one first. */
export const allEndpoints = (em: EntityManager): Promise<WebhookEndpoint[]> =>
  em.find(WebhookEndpoint, {}, { orderBy: { createdAt: 'asc', id: 'asc' }, limit: ENDPOINTS_MAX });
