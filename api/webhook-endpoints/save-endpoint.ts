import type { EntityManager } from '@mikro-orm/postgresql';
import { v7, validate as isUuid } from 'uuid';
import type { AllowedNetworks } from '../../activities/webhooks/allowed-networks.ts';
import { isRefusedForGood } from '../../activities/webhooks/webhook-target.ts';
import { invalid, notFound } from '../../billing/refusal.ts';
import { wakeActs } from '../../db/acts/wake-acts.ts';
import { WebhookEndpoint } from '../../db/entities/webhook-endpoint.ts';
import { hastenRetries, lockLane } from '../../db/queries/webhooks/webhook-lane.ts';
import { sql } from '../../db/sql.ts';
import { webhooksId } from '../../activities/webhooks/webhooks-act.ts';
import { realTime } from '../http/clock.ts';
import { textOrNull } from '../../billing/blank-text.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { WebhookEndpointInput } from './schema.ts';

/** Endpoints of one organization (spec, api 4.1). */
const ENDPOINTS_MAX = 10;

const FIRST = { createdAt: 'asc', id: 'asc' } as const;

export interface EndpointScope {
  readonly organizationId: string;
  /** The organization's clock. */
  readonly now: Date;
  /** Where webhooks may go beside the public internet. */
  readonly allowedNetworks: AllowedNetworks;
}

/** What a request's endpoints belong to. */
export const endpointScopeOf = ({ organization, now, allowedNetworks }: RequestContext): EndpointScope => ({
  organizationId: organization.id,
  now,
  allowedNetworks,
});

type NewEndpoint = WebhookEndpointInput & { readonly webhook_url: string };

/** What two requests that race past the checks answer (`refusingDuplicates`). */
export const ENDPOINT_CONSTRAINTS = { webhook_endpoints_url: 'webhook_url' };

/** All endpoints of an organization, the first one first. */
export const allEndpoints = (em: EntityManager): Promise<WebhookEndpoint[]> =>
  em.find(WebhookEndpoint, {}, { orderBy: FIRST, limit: ENDPOINTS_MAX });

/**
 * Creates an endpoint in the caller's transaction; the organization's creations take turns, so that no race makes an eleventh.
 *
 * @throws Refusal 422 `webhook_url: value_already_exist`, `base: exceeded_limit`, and as `insertEndpoint`.
 */
export async function createEndpoint(
  em: EntityManager,
  scope: EndpointScope,
  input: NewEndpoint,
): Promise<WebhookEndpoint> {
  await sql(em, 'select id from organizations where id = $1 for no key update', [scope.organizationId]);
  const present = await em.find(WebhookEndpoint, {}, { fields: ['webhookUrl'], limit: ENDPOINTS_MAX });
  if (present.some(({ webhookUrl }) => webhookUrl === input.webhook_url)) throw taken();
  if (present.length >= ENDPOINTS_MAX) throw invalid({ base: ['exceeded_limit'] });
  return insertEndpoint(em, scope, input);
}

/**
 * The same without the checks against the other endpoints, for an organization that is just being created.
 *
 * @throws Refusal 422 `webhook_url: url_is_invalid` for a private address.
 */
export async function insertEndpoint(
  em: EntityManager,
  { organizationId, now, allowedNetworks }: EndpointScope,
  input: NewEndpoint,
): Promise<WebhookEndpoint> {
  refuseUnreachable(input.webhook_url, allowedNetworks);
  const endpoint = em.create(WebhookEndpoint, {
    id: v7(),
    organizationId,
    webhookUrl: input.webhook_url,
    signatureAlgo: input.signature_algo ?? 'jwt',
    name: textOrNull(input.name ?? null),
    eventTypes: input.event_types ?? null,
    createdAt: now,
    updatedAt: now,
  });
  await em.flush();
  return endpoint;
}

/**
 * Changes an endpoint in the caller's transaction. Under a new URL everything that waits for a retry is tried again at once.
 *
 * @throws Refusal 404 `webhook_endpoint_not_found`; 422 `webhook_url: value_already_exist`, `url_is_invalid` for a private address.
 */
export async function updateEndpoint(
  em: EntityManager,
  { now, allowedNetworks }: EndpointScope,
  id: string,
  input: WebhookEndpointInput,
): Promise<WebhookEndpoint> {
  const endpoint = await lockEndpoint(em, id);
  const url = input.webhook_url ?? endpoint.webhookUrl;
  const moves = url !== endpoint.webhookUrl;
  if (moves) refuseUnreachable(url, allowedNetworks);
  if (moves && (await em.count(WebhookEndpoint, { webhookUrl: url })) > 0) throw taken();
  em.assign(endpoint, {
    webhookUrl: url,
    signatureAlgo: input.signature_algo ?? endpoint.signatureAlgo,
    name: input.name === undefined ? endpoint.name : textOrNull(input.name),
    eventTypes: input.event_types === undefined ? endpoint.eventTypes : input.event_types,
    ...(moves && { failures: 0, pausedUntil: null }),
    updatedAt: now,
  });
  await em.flush();
  if (moves) {
    await hastenRetries(em, endpoint.id, realTime());
    await wakeActs(em, [webhooksId(endpoint.id)]);
  }
  return endpoint;
}

/**
 * Deletes an endpoint and its deliveries in the caller's transaction, and ends its lane.
 *
 * @throws Refusal 404 `webhook_endpoint_not_found`.
 */
export async function deleteEndpoint(em: EntityManager, id: string): Promise<WebhookEndpoint> {
  const endpoint = await lockEndpoint(em, id);
  await em.nativeDelete(WebhookEndpoint, { id: endpoint.id });
  await wakeActs(em, [webhooksId(endpoint.id)]);
  return endpoint;
}

/** Gives the organization's first endpoint this URL, or creates it (spec, api 2.1). @throws Refusal as creation and change. */
export async function saveFirstEndpoint(
  em: EntityManager,
  scope: EndpointScope,
  url: string,
): Promise<WebhookEndpoint> {
  const [first] = await em.find(WebhookEndpoint, {}, { orderBy: FIRST, limit: 1 });
  return first
    ? updateEndpoint(em, scope, first.id, { webhook_url: url })
    : createEndpoint(em, scope, { webhook_url: url });
}

/** @throws Refusal 404 `webhook_endpoint_not_found`. */
export async function findEndpoint(em: EntityManager, id: string): Promise<WebhookEndpoint> {
  const endpoint = isUuid(id) ? await em.findOne(WebhookEndpoint, { id }) : null;
  if (!endpoint) throw notFound('webhook_endpoint');
  return endpoint;
}

/** The endpoint as it is once its lane, and nobody else, is at it. @throws Refusal as `findEndpoint`. */
async function lockEndpoint(em: EntityManager, id: string): Promise<WebhookEndpoint> {
  const found = await findEndpoint(em, id);
  const isThere = await lockLane(em, found.id);
  if (!isThere) throw notFound('webhook_endpoint');
  return em.refreshOrFail(found);
}

/** An address stays what it is; where a name leads is looked at for each delivery. */
function refuseUnreachable(url: string, allowedNetworks: AllowedNetworks): void {
  if (isRefusedForGood(url, allowedNetworks)) throw invalid({ webhook_url: ['url_is_invalid'] });
}

const taken = () => invalid({ webhook_url: ['value_already_exist'] });
