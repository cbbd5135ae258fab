import type { EntityManager } from '@mikro-orm/postgresql';
import type { z } from 'zod';
import { findEndpoint } from '../../activities/webhooks/find-endpoint.ts';
import { webhookList, type WebhookFilter } from '../../db/lists/webhooks.ts';
import { webhooksJson } from '../../shapes/webhooks/webhook.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import type { webhookListAnswer, webhookListQuery } from './schema.ts';

type Query = z.infer<typeof webhookListQuery>;

/**
 * Deliveries, newest first (spec, api 4.5).
 *
 * @throws Refusal 404 `webhook_endpoint_not_found` when asked for an endpoint that is not there.
 */
export async function listWebhooks(em: EntityManager, query: Query): Promise<z.infer<typeof webhookListAnswer>> {
  const page = pageOf(query);
  const endpointId =
    query.webhook_endpoint_id === undefined ? undefined : (await findEndpoint(em, query.webhook_endpoint_id)).id;
  const filter: WebhookFilter = {
    endpointId,
    statuses: query.statuses,
    types: query.event_types,
    httpStatuses: query.http_statuses,
    createdFrom: query.from_date,
    createdTo: query.to_date,
    searchTerm: query.search_term,
  };
  const { rows, total } = await webhookList.page(em, filter, page);
  return { webhooks: await webhooksJson(em, rows), meta: metaOf(page, total) };
}
