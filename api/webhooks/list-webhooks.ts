import type { EntityManager, FilterQuery } from '@mikro-orm/postgresql';
import { validate as isUuid } from 'uuid';
import { findEndpoint } from '../../activities/webhooks/lock-endpoint.ts';
import type { z } from 'zod';
import { Webhook } from '../../db/entities/webhook.ts';
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
  const endpointId = query.webhook_endpoint_id && (await findEndpoint(em, query.webhook_endpoint_id)).id;
  const [webhooks, total] = await em.findAndCount(
    Webhook,
    { $and: conditionsOf(query, endpointId) },
    { orderBy: { createdAt: 'desc', id: 'desc' }, limit: page.limit, offset: page.offset },
  );
  return { webhooks: await webhooksJson(em, webhooks), meta: metaOf(page, total) };
}

function conditionsOf(query: Query, endpointId: string | undefined): FilterQuery<Webhook>[] {
  const { statuses, event_types: types, http_statuses: httpStatuses, search_term: term } = query;
  return [
    ...(endpointId ? [{ webhookEndpointId: endpointId }] : []),
    ...(statuses ? [{ status: statuses }] : []),
    ...(types ? [{ webhookType: types }] : []),
    ...(httpStatuses ? [{ $or: httpStatuses.map(httpStatusCondition) }] : []),
    ...(query.from_date ? [{ createdAt: { $gte: query.from_date } }] : []),
    ...(query.to_date ? [{ createdAt: { $lte: query.to_date } }] : []),
    ...(term ? [{ $or: searchConditions(term) }] : []),
  ];
}

/** `404`, or a class: `4xx`. */
function httpStatusCondition(text: string): FilterQuery<Webhook> {
  if (!text.endsWith('xx')) return { httpStatus: Number(text) };
  const first = Number(text[0]) * 100;
  return { httpStatus: { $gte: first, $lt: first + 100 } };
}

function searchConditions(term: string): FilterQuery<Webhook>[] {
  if (isUuid(term)) return [{ id: term }, { objectId: term }];
  return [{ webhookType: { $ilike: `%${term.replaceAll(/[\\%_]/g, String.raw`\$&`)}%` } }];
}
