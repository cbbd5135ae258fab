import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { sql } from '../../sql.ts';
import { TRIED_FOR } from './webhook-lane.ts';

export interface ListeningEndpoint {
  readonly id: string;
  /** null: it wants every type. */
  readonly eventTypes: readonly string[] | null;
}

export interface NewDelivery {
  readonly endpointId: string;
  readonly type: string;
  readonly objectType: string;
  readonly objectId: string;
  readonly payload: string;
}

/**
 * The endpoints that want any of the types. They are held until the commit: a deletion that came between would make
 * their deliveries refer to nothing, and the cause fail.
 */
export const holdListeningEndpoints = (
  em: EntityManager,
  organizationId: string,
  types: readonly string[],
): Promise<ListeningEndpoint[]> =>
  sql<ListeningEndpoint>(
    em,
    `select id, event_types as "eventTypes" from webhook_endpoints
     where organization_id = $1 and (event_types is null or event_types ?| $2::text[])
     for key share`,
    [organizationId, types],
  );

/** @param now the organization's clock; when they are tried is told in real time. */
export async function insertDeliveries(
  em: EntityManager,
  organizationId: string,
  deliveries: readonly NewDelivery[],
  now: Date,
): Promise<void> {
  await sql(
    em,
    `insert into webhooks (id, organization_id, webhook_endpoint_id, webhook_type, object_type, object_id, payload,
                           next_attempt_at, expires_at, created_at, updated_at)
     select id, $1, endpoint, type, object_type, object, payload,
            clock_timestamp(), clock_timestamp() + ${TRIED_FOR}, $8, $8
     from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::text[])
            as delivery (id, endpoint, type, object_type, object, payload)`,
    [
      organizationId,
      deliveries.map(() => v7()),
      deliveries.map(({ endpointId }) => endpointId),
      deliveries.map(({ type }) => type),
      deliveries.map(({ objectType }) => objectType),
      deliveries.map(({ objectId }) => objectId),
      deliveries.map(({ payload }) => payload),
      now.toISOString(),
    ],
  );
}

/** Deletes finished deliveries that expired longer ago. @param keptFor an SQL interval. @returns how many. */
export async function deleteFinishedDeliveries(
  em: EntityManager,
  now: Date,
  keptFor: string,
  limit: number,
): Promise<number> {
  const deleted = await sql(
    em,
    `delete from webhooks where id in (
       select id from webhooks where place = 'left' and expires_at < $1::timestamptz - $2::interval limit $3)
     returning id`,
    [now.toISOString(), keptFor, limit],
  );
  return deleted.length;
}
