import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** How long a subscription that begins waits for whoever changes the metrics of its charges in advance. */
const WAIT = '5s';

/**
 * Waits until no event of the metrics that charges in advance of a plan are on is being stored, and keeps new ones out,
 * to the end of the transaction: what is stored before sees the subscription as it was, and is found by
 * `eventsSince`; what comes after sees that it has begun. The key is that of `metric-code-lock.ts`.
 *
 * @returns the codes of these metrics; of a plan without such charges none, and nothing is held.
 */
export async function lockInstantCodes(
  em: EntityManager,
  organizationId: string,
  planId: string,
): Promise<readonly string[]> {
  const rows = await sql<{ code: string }>(
    em,
    `select found.code, set_config('lock_timeout', $3, true),
            pg_advisory_xact_lock(hashtextextended($1::text || '/' || found.code, 1))
     from (
       select distinct metric.code
       from charges charge join billable_metrics metric on metric.id = charge.billable_metric_id
       where charge.organization_id = $1::uuid and charge.plan_id = $2 and charge.pay_in_advance
         and charge.deleted_at is null and metric.deleted_at is null
       order by metric.code) as found`,
    [organizationId, planId, WAIT],
  );
  return rows.map(({ code }) => code);
}

/** Which events are looked for. */
export interface EventsSince {
  readonly organizationId: string;
  readonly externalSubscriptionId: string;
  readonly codes: readonly string[];
  /** Their times, cut to the millisecond. */
  readonly from: Date;
  /** When they were taken in. */
  readonly receivedFrom: Date;
}

/** Events that nobody has been charged for, by id. */
export async function eventsSince(em: EntityManager, asked: EventsSince): Promise<readonly string[]> {
  const rows = await sql<{ id: string }>(
    em,
    `select event.id from events event
     where event.organization_id = $1 and event.external_subscription_id = $2 and event.code = any($3::text[])
       and event."timestamp" >= date_trunc('milliseconds', $4::timestamptz) and event.created_at >= $5::timestamptz
       and not exists (select from fees where fees.event_id = event.id)`,
    [
      asked.organizationId,
      asked.externalSubscriptionId,
      asked.codes,
      asked.from.toISOString(),
      asked.receivedFrom.toISOString(),
    ],
  );
  return rows.map(({ id }) => id);
}
