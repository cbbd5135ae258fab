import type { EntityManager } from '@mikro-orm/postgresql';
import type { SignatureAlgorithm } from '../../../billing/webhooks/signature-algorithm.ts';
import { instantOf, sql } from '../../sql.ts';

/*
 * The lane of one webhook endpoint (docs/architecture/webhooks.md): which deliveries are tried when. Everything but the
 * look for lanes runs in a transaction that has begun with `lockLane`, so that two workers never move the same
 * delivery.
 */

export interface LaneEndpoint {
  readonly organizationId: string;
  readonly url: string;
  readonly signatureAlgo: SignatureAlgorithm;
  /** Tries that failed since the last acknowledged one. */
  readonly failures: number;
  readonly pausedUntil: Date | null;
}

/** A delivery that is due. */
export interface DueWebhook {
  readonly id: string;
  readonly payload: string;
  /** Tries that failed so far. */
  readonly retries: number;
  readonly expiresAt: Date;
}

/** What a try has made of a delivery. */
export interface WebhookResult {
  readonly id: string;
  readonly status: 'succeeded' | 'retrying' | 'failed';
  readonly httpStatus: number | null;
  readonly response: string;
  /** null: it was the last try. */
  readonly nextAttemptAt: Date | null;
}

/** How long an endpoint that does not acknowledge a delivery is tried, in real time: an SQL interval. */
export const TRIED_FOR = `interval '72 hours'`;

/**
 * Takes the endpoint for the transaction and reads it as it is now; null when it was deleted. New deliveries do not
 * wait for this lock, a change or a deletion of the endpoint does.
 */
export async function lockLane(em: EntityManager, endpointId: string): Promise<LaneEndpoint | null> {
  const [row] = await sql<Omit<LaneEndpoint, 'pausedUntil'> & { readonly pausedUntil: string | null }>(
    em,
    `select organization_id as "organizationId", webhook_url as url, signature_algo as "signatureAlgo", failures,
            paused_until as "pausedUntil"
     from webhook_endpoints where id = $1 for no key update`,
    [endpointId],
  );
  return row ? { ...row, pausedUntil: instantOf(row.pausedUntil) } : null;
}

/**
 * Notes what tries have made of deliveries, and lets the next of an object move up when one is finished. A delivery
 * that was finished meanwhile stays as it is.
 *
 * @param now real time.
 */
export async function recordResults(
  em: EntityManager,
  endpointId: string,
  results: readonly WebhookResult[],
  now: Date,
): Promise<void> {
  if (results.length === 0) return;
  const moved = await sql<{ objectId: string; place: string }>(
    em,
    `update webhooks set
       status = result.status, http_status = result.http_status, response = result.response,
       retries = retries + case when result.status = 'succeeded' then 0 else 1 end,
       place = case when result.next_attempt_at is null then 'left' else 'head' end,
       next_attempt_at = result.next_attempt_at, last_retried_at = $7::timestamptz, updated_at = $7::timestamptz
     from unnest($2::uuid[], $3::text[], $4::int[], $5::text[], $6::timestamptz[])
          as result (id, status, http_status, response, next_attempt_at)
     where webhooks.id = result.id and webhooks.webhook_endpoint_id = $1 and webhooks.place = 'head'
     returning webhooks.object_id as "objectId", webhooks.place`,
    [
      endpointId,
      results.map(({ id }) => id),
      results.map(({ status }) => status),
      results.map(({ httpStatus }) => httpStatus),
      results.map(({ response }) => response),
      results.map(({ nextAttemptAt }) => nextAttemptAt?.toISOString() ?? null),
      now.toISOString(),
    ],
  );
  const finished = moved.filter(({ place }) => place === 'left').map(({ objectId }) => objectId);
  if (finished.length === 0) return;
  await sql(
    em,
    `update webhooks set place = 'head', next_attempt_at = $3::timestamptz
     from (select distinct on (object_id) id from webhooks
           where webhook_endpoint_id = $1 and object_id = any($2::uuid[]) and place = 'behind'
           order by object_id, sequence) as next
     where webhooks.id = next.id`,
    [endpointId, [...new Set(finished)], now.toISOString()],
  );
}

/** Notes how the endpoint itself does; @param pausedUntil null: it may be sent to at once. */
export async function recordEndpoint(
  em: EntityManager,
  endpointId: string,
  { failures, pausedUntil }: Pick<LaneEndpoint, 'failures' | 'pausedUntil'>,
): Promise<void> {
  await sql(em, 'update webhook_endpoints set failures = $2, paused_until = $3 where id = $1', [
    endpointId,
    failures,
    pausedUntil?.toISOString() ?? null,
  ]);
}

/** Makes every retry of the endpoint due now. */
export async function hastenRetries(em: EntityManager, endpointId: string, now: Date): Promise<void> {
  await sql(
    em,
    `update webhooks set next_attempt_at = $2::timestamptz
     where webhook_endpoint_id = $1 and place = 'head' and next_attempt_at > $2::timestamptz`,
    [endpointId, now.toISOString()],
  );
}

/**
 * Gives the oldest new deliveries their place: the first of an object that has no unfinished one is its head, any other
 * waits behind.
 *
 * @returns how many it has let in; none means that there are none.
 */
export async function admitArrivals(em: EntityManager, endpointId: string, now: Date, limit: number): Promise<number> {
  const admitted = await sql(
    em,
    `with arrived as materialized (
       select id, object_id, sequence from webhooks
       where webhook_endpoint_id = $1 and place = 'arrived' order by sequence limit $3),
     placed as (
       select id, row_number() over (partition by object_id order by sequence) = 1
                  and not exists (select from webhooks older
                                  where older.webhook_endpoint_id = $1 and older.object_id = arrived.object_id
                                    and older.place in ('head', 'behind')) as is_head
       from arrived)
     update webhooks set place = case when is_head then 'head' else 'behind' end, next_attempt_at = $2::timestamptz
     from placed where webhooks.id = placed.id
     returning webhooks.id`,
    [endpointId, now.toISOString(), limit],
  );
  return admitted.length;
}

/**
 * The deliveries that are due, those that have waited longest first. @param trying those that are being tried just now.
 */
export async function takeDue(
  em: EntityManager,
  endpointId: string,
  { now, trying, limit }: { readonly now: Date; readonly trying: readonly string[]; readonly limit: number },
): Promise<DueWebhook[]> {
  const rows = await sql<Omit<DueWebhook, 'expiresAt'> & { readonly expiresAt: string }>(
    em,
    `select id, payload, retries, expires_at as "expiresAt" from webhooks
     where webhook_endpoint_id = $1 and place = 'head' and next_attempt_at <= $2::timestamptz and id <> all($3::uuid[])
     order by next_attempt_at, sequence limit $4`,
    [endpointId, now.toISOString(), trying, limit],
  );
  return rows.map((row) => ({ ...row, expiresAt: instantOf(row.expiresAt) }));
}

/** When the lane's next delivery is due; null: it has none that is unfinished. */
export async function nextDue(em: EntityManager, endpointId: string): Promise<Date | null> {
  const [row] = await sql<{ due: string | null }>(
    em,
    `select min(next_attempt_at) as due from webhooks where webhook_endpoint_id = $1 and place = 'head'`,
    [endpointId],
  );
  return instantOf(row?.due ?? null);
}

export interface ArrivedAt {
  readonly endpointId: string;
  readonly organizationId: string;
}

/**
 * Endpoints with new deliveries whose lane does not know of them: it does not run, or it sleeps. It reads the index of
 * arrivals from one endpoint to the next, so it costs nothing where nothing has arrived.
 *
 * @param lanePrefix what is put before an endpoint's id to make its lane's (`activities/webhooks/webhooks-act.ts`).
 * @param now real time: an endpoint that is paused until later is left alone.
 */
export function endpointsWithArrivals(
  em: EntityManager,
  lanePrefix: string,
  now: Date,
  limit: number,
): Promise<ArrivedAt[]> {
  return sql<ArrivedAt>(
    em,
    `with recursive arrived as (
       (select webhook_endpoint_id as id from webhooks where place = 'arrived' order by webhook_endpoint_id limit 1)
       union all
       select next.id from arrived cross join lateral (
         select webhook_endpoint_id as id from webhooks
         where place = 'arrived' and webhook_endpoint_id > arrived.id order by webhook_endpoint_id limit 1) as next)
     select endpoint.id as "endpointId", endpoint.organization_id as "organizationId"
     from arrived
       join webhook_endpoints endpoint on endpoint.id = arrived.id
       left join acts lane on lane.id = $1 || endpoint.id
     where (lane.state is null or lane.state not in ('wanted', 'working'))
       and (endpoint.paused_until is null or endpoint.paused_until <= $2::timestamptz)
     limit $3`,
    [lanePrefix, now.toISOString(), limit],
  );
}

/**
 * Has an unfinished or failed delivery tried at once: one that failed arrives anew, and is tried for as long as a new
 * one; behind an older one of its object it is that one's turn first.
 */
export async function tryAgain(
  em: EntityManager,
  {
    webhookId,
    endpointId,
    objectId,
  }: { readonly webhookId: string; readonly endpointId: string; readonly objectId: string },
  now: Date,
): Promise<void> {
  await sql(
    em,
    `update webhooks set status = 'retrying', place = 'arrived', next_attempt_at = $2::timestamptz,
                         expires_at = $2::timestamptz + ${TRIED_FOR}, updated_at = $2::timestamptz
     where id = $1 and status = 'failed'`,
    [webhookId, now.toISOString()],
  );
  await sql(
    em,
    `update webhooks set next_attempt_at = $3::timestamptz
     where webhook_endpoint_id = $1 and object_id = $2 and place = 'head'`,
    [endpointId, objectId, now.toISOString()],
  );
  await sql(em, 'update webhook_endpoints set paused_until = null where id = $1 and paused_until is not null', [
    endpointId,
  ]);
}
