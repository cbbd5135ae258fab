import type { EntityManager } from '@mikro-orm/postgresql';
import { holdListeningEndpoints, insertDeliveries } from '../../db/queries/webhooks/webhook-deliveries.ts';
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
 * Writes the deliveries of webhooks in the transaction of their cause, one for each endpoint that wants the type: they
 * are sent once it has committed, and never if it does not (S009). Where nobody listens, nothing is rendered.
 *
 * @param types what `render` may give: the endpoints are asked about these.
 */
export async function emitWebhooks(
  em: EntityManager,
  { organizationId, now }: WebhookOrigin,
  types: readonly WebhookType[],
  render: () => Promise<readonly WebhookFact[]> | readonly WebhookFact[],
): Promise<void> {
  const endpoints = await holdListeningEndpoints(em, organizationId, types);
  if (endpoints.length === 0) return;
  const facts = await render();
  const deliveries = facts.flatMap((fact) => {
    const payload = payloadOf(organizationId, fact);
    return endpoints
      .filter(({ eventTypes }) => eventTypes?.includes(fact.type) ?? true)
      .map(({ id: endpointId }) => ({
        endpointId,
        type: fact.type,
        objectType: WEBHOOK_OBJECTS[fact.type],
        objectId: fact.objectId,
        payload,
      }));
  });
  await insertDeliveries(em, organizationId, deliveries, now);
}

/** Spec, api 4.2. */
const payloadOf = (organizationId: string, { type, object }: WebhookFact): string =>
  JSON.stringify({
    webhook_type: type,
    object_type: WEBHOOK_OBJECTS[type],
    organization_id: organizationId,
    [WEBHOOK_OBJECTS[type]]: object,
  });
