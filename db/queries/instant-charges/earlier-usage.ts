import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { KeyValues } from '../../../billing/usage/bucket-condition.ts';
import { sql } from '../../sql.ts';
import { microsecondsToSql } from '../../types/microseconds.ts';
import { keyValues } from '../usage/key-values.ts';
import { numericValue } from '../usage/numeric-value.ts';

/** Which events came before one. */
export interface EarlierEvents {
  readonly organizationId: string;
  readonly externalSubscriptionId: string;
  readonly code: string;
  readonly fieldName: string | null;
  /** Property names whose values the answer tells apart. */
  readonly keys: readonly string[];
  readonly chargeId: string;
  /** null: since ever. */
  readonly from: Date | null;
  /** Taken in by then; null: whenever. */
  readonly receivedBy: Date | null;
  readonly before: { readonly timestamp: bigint; readonly eventId: string };
}

/** An event that is counted and that no fee was asked for. */
export interface EarlierEvent {
  readonly keys: KeyValues;
  /** null: the field holds no number. */
  readonly value: Decimal | null;
  readonly amountCents: Decimal | null;
}

/** Enough for what was sent before a charge began; more would be read by every new group. */
const EVENTS_MAX = 100_000;

/**
 * Events before one, the oldest first, that are not waiting to be priced: those are counted when they are. It is asked
 * where there may be any: before a charge or a subscription was made, or where the metric carries over.
 */
export async function earlierEvents(em: EntityManager, asked: EarlierEvents): Promise<readonly EarlierEvent[]> {
  const rows = await sql<{ keys: KeyValues; value: string | null; amount: string | null }>(
    em,
    `select ${keyValues('$5::jsonb', 'event.properties')} as keys,
            ${numericValue('(event.properties ->> $4::text)')} as value, event.precise_total_amount_cents as amount
     from events event
     where event.organization_id = $1 and event.external_subscription_id = $2 and event.code = $3
       and event."timestamp" >= $6::timestamptz and event."timestamp" <= $8::timestamptz
       and (event."timestamp" < $8::timestamptz or event.id < $9::uuid)
       and ($7::timestamptz is null or event.created_at <= $7::timestamptz)
       and not exists (
         select from acts where acts.id = 'instant/' || event.id || '/' || $10::text and acts.state <> 'done')
     order by event."timestamp", event.id limit ${EVENTS_MAX + 1}`,
    [
      asked.organizationId,
      asked.externalSubscriptionId,
      asked.code,
      asked.fieldName,
      JSON.stringify(asked.keys),
      asked.from?.toISOString() ?? '-infinity',
      asked.receivedBy?.toISOString() ?? null,
      microsecondsToSql(asked.before.timestamp),
      asked.before.eventId,
      asked.chargeId,
    ],
  );
  if (rows.length > EVENTS_MAX) throw new Error(`more than ${EVENTS_MAX} events came before a charge in advance`);
  return rows.map(({ keys, value, amount }) => ({
    keys,
    value: value === null ? null : new Decimal(value),
    amountCents: amount === null ? null : new Decimal(amount),
  }));
}
