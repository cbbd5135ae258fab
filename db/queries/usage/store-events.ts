import type { EntityManager } from '@mikro-orm/postgresql';
import type { Decimal } from '../../../billing/money/decimal.ts';
import { sql } from '../../sql.ts';
import { microsecondsToSql } from '../../types/microseconds.ts';
import { isChargedInAdvance } from '../instant-charges/instant-occasions.ts';
import { keyValues } from './key-values.ts';
import { numericValue } from './numeric-value.ts';
import { ADD_TO_ROLLUP, ROLLUP_TOTALS, rollupTotals } from './rolled-up.ts';

/** An event as it is stored; never changed afterwards. */
export interface NewEvent {
  readonly id: string;
  readonly transactionId: string;
  /** Null: kept, but no usage of any subscription. */
  readonly externalSubscriptionId: string | null;
  readonly code: string;
  /** Microseconds since 1970. */
  readonly timestamp: bigint;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly preciseTotalAmountCents: Decimal | null;
}

/** What the events of one request have in common. */
export interface Receipt {
  /** The organization's clock. */
  readonly receivedAt: Date;
  readonly userAgent: string | null;
  readonly ipAddress: string | null;
}

/** What one request brings. */
export interface ReceivedEvents {
  readonly events: readonly NewEvent[];
  readonly receipt: Receipt;
}

/*
 * Locks are taken in one order by everybody: event keys, then rollups, both sorted. `added` sorts what `stored`
 * returns, so that every event is in before the first rollup is touched.
 */
const STORE = `
  with stored as (
    insert into events (id, organization_id, transaction_id, external_subscription_id, code, "timestamp", properties,
                        precise_total_amount_cents, user_agent, ip_address, created_at)
    select id, $1, transaction_id, external_subscription_id, code, "timestamp", properties, amount,
           ($10::text[])[request], ($11::text[])[request], ($12::timestamptz[])[request]
    from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::jsonb[], $8::numeric[],
                $9::int[]) with ordinality
           as received (id, transaction_id, external_subscription_id, code, "timestamp", properties, amount, request,
                        place)
    order by transaction_id, external_subscription_id, place
    on conflict (organization_id, transaction_id, external_subscription_id) do nothing
    returning id, external_subscription_id, code, "timestamp", properties, precise_total_amount_cents as amount),
  added as (
    insert into usage_rollups (organization_id, external_subscription_id, code, hour, keys, ${ROLLUP_TOTALS})
    select $1, external_subscription_id, code, hour, keys, ${rollupTotals('known.aggregation_type', 'known')}
    from (
      select stored.id, stored.external_subscription_id, stored.code, stored."timestamp", stored.amount,
             metric.aggregation_type,
             date_bin('1 hour', stored."timestamp", 'epoch'::timestamptz) as hour,
             ${keyValues('metric.rollup_keys', 'stored.properties')} as keys,
             ${numericValue('(stored.properties ->> metric.field_name)')} as value
      from stored
      join billable_metrics metric
        on metric.organization_id = $1 and metric.code = stored.code and metric.deleted_at is null
      where stored.external_subscription_id is not null) as known
    group by external_subscription_id, code, hour, keys
    order by external_subscription_id, code, hour, keys
    on conflict (organization_id, external_subscription_id, code, hour, keys) do update
      set ${ADD_TO_ROLLUP})
  select id, ${isChargedInAdvance('stored.code')} as "isCharged" from stored`;

/**
 * Stores the events of requests, and adds those of known codes to the rollups, in one statement. The caller holds the
 * codes (`metric-code-lock.ts`).
 *
 * @returns by the ids of the stored ones whether a charge in advance may be for them; the others' transaction ids are
 * taken.
 */
export async function storeEvents(
  em: EntityManager,
  organizationId: string,
  requests: readonly ReceivedEvents[],
): Promise<ReadonlyMap<string, boolean>> {
  const events = requests.flatMap((request) => request.events);
  const receipts = requests.map((request) => request.receipt);
  const rows = await sql<{ id: string; isCharged: boolean }>(em, STORE, [
    organizationId,
    events.map((event) => event.id),
    events.map((event) => event.transactionId),
    events.map((event) => event.externalSubscriptionId),
    events.map((event) => event.code),
    events.map((event) => microsecondsToSql(event.timestamp)),
    events.map((event) => JSON.stringify(event.properties)),
    events.map((event) => event.preciseTotalAmountCents?.toFixed() ?? null),
    // Arrays of PostgreSQL begin at 1.
    requests.flatMap((request, index) => request.events.map(() => index + 1)),
    receipts.map(({ userAgent }) => userAgent),
    receipts.map(({ ipAddress }) => ipAddress),
    receipts.map(({ receivedAt }) => receivedAt.toISOString()),
  ]);
  return new Map(rows.map((row) => [row.id, row.isCharged]));
}
