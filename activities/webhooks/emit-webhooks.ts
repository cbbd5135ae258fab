import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { TRIED_FOR } from '../../db/queries/webhooks/webhook-lane.ts';
import { sql } from '../../db/sql.ts';
import { WEBHOOK_OBJECTS, type WebhookType } from '../../shapes/webhooks/webhook-types.ts';

/** What a webhook says. */
export interface WebhookFact {
  readonly type: WebhookType;
  /** The object it is about: deliveries of one object keep their order. */
  readonly objectId: string;
  /** The object's JSON as it is in this transaction; it is frozen. */
  readonly object: object;
}

export interface WebhookOrigin {
  readonly organizationId: string;
  /** The organization's clock. */
  readonly now: Date;
}

/**
 * Writes the deliveries of webhooks in the transaction of their cause, one for each endpoint that wants the type: they are sent
 * once it has committed, and never if it does not (S009). Where nobody listens, nothing is rendered.
 *
 * @param types what `render` may give: the endpoints are asked about these.
 */
export async function emitWebhooks(
  em: EntityManager,
  { organizationId, now }: WebhookOrigin,
  types: readonly WebhookType[],
  render: () => Promise<readonly WebhookFact[]> | readonly WebhookFact[],
): Promise<void> {
  // Held until the commit: a deletion that came between would make the deliveries refer to nothing, and the cause fail.
  const endpoints = await sql<{ id: string; eventTypes: readonly string[] | null }>(
    em,
    `select id, event_types as "eventTypes" from webhook_endpoints
     where organization_id = $1 and (event_types is null or event_types ?| $2::text[])
     for key share`,
    [organizationId, types],
  );
  if (endpoints.length === 0) return;
  const facts = await render();
  const deliveries = facts.flatMap((fact) => {
    const payload = payloadOf(organizationId, fact);
    return endpoints
      .filter(({ eventTypes }) => eventTypes?.includes(fact.type) ?? true)
      .map(({ id: endpointId }) => ({ ...fact, endpointId, payload }));
  });
  await sql(
    em,
    `insert into webhooks (id, organization_id, webhook_endpoint_id, webhook_type, object_type, object_id, payload,
                           next_attempt_at, expires_at, created_at, updated_at)
     select id, $1, endpoint, type, object_type, object, payload, clock_timestamp(), clock_timestamp() + ${TRIED_FOR}, $8, $8
     from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::text[])
            as delivery (id, endpoint, type, object_type, object, payload)`,
    [
      organizationId,
      deliveries.map(() => v7()),
      deliveries.map(({ endpointId }) => endpointId),
      deliveries.map(({ type }) => type),
      deliveries.map(({ type }) => WEBHOOK_OBJECTS[type]),
      deliveries.map(({ objectId }) => objectId),
      deliveries.map(({ payload }) => payload),
      now.toISOString(),
    ],
  );
}

/** Spec, api 4.2. */
const payloadOf = (organizationId: string, { type, object }: WebhookFact): string =>
  JSON.stringify({
    webhook_type: type,
    object_type: WEBHOOK_OBJECTS[type],
    organization_id: organizationId,
    [WEBHOOK_OBJECTS[type]]: object,
  });
