import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal } from '../../billing/money/decimal.ts';
import type { KeyValues } from '../../billing/usage/bucket-condition.ts';
import { keyValues } from '../queries/usage/key-values.ts';
import { numericValue } from '../queries/usage/numeric-value.ts';
import { sql } from '../sql.ts';
import { microsecondsFromSql } from '../types/microseconds.ts';
import { IS_OPEN } from './transitions.ts';

/** An event that a charge in advance has not priced yet. */
export interface UnpricedEvent {
  readonly actId: string;
  readonly eventId: string;
  readonly transactionId: string;
  /** Microseconds since 1970. */
  readonly timestamp: bigint;
  /** The number in the metric's field; null: it holds none. */
  readonly value: Decimal | null;
  readonly amountCents: Decimal | null;
  readonly keys: KeyValues;
}

export interface UnpricedEvents {
  readonly organizationId: string;
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly chargeId: string;
  readonly kind: string;
  readonly fieldName: string | null;
  /** Property names whose values are asked for. */
  readonly keys: readonly string[];
  /** null: whichever are open. */
  readonly actId: string | null;
  readonly limit: number;
}

/**
 * Events of one subscription that one charge has yet to price, in the order in which they were taken in. An event is
 * among them from its commit on, until the transaction that prices it.
 */
export async function unpricedEvents(em: EntityManager, asked: UnpricedEvents): Promise<readonly UnpricedEvent[]> {
  const rows = await sql<{
    actId: string;
    eventId: string;
    transactionId: string;
    timestamp: string;
    value: string | null;
    amount: string | null;
    keys: KeyValues;
  }>(
    em,
    `select open.id as "actId", event.id as "eventId", event.transaction_id as "transactionId", event."timestamp",
            ${numericValue('(event.properties ->> $6::text)')} as value, event.precise_total_amount_cents as amount,
            ${keyValues('$7::jsonb', 'event.properties')} as keys
     from (
       select id, argument ->> 'eventId' as event_id from acts
       where customer_id = $2 and ${IS_OPEN} and organization_id = $1 and kind = $5 and subscription_id = $3
         and argument ->> 'chargeId' = $4::text and ($9::text is null or id = $9)
       order by 2 limit $8) as open
     join events event on event.id = open.event_id::uuid
     order by event.id`,
    [
      asked.organizationId,
      asked.customerId,
      asked.subscriptionId,
      asked.chargeId,
      asked.kind,
      asked.fieldName,
      JSON.stringify(asked.keys),
      asked.limit,
      asked.actId,
    ],
  );
  return rows.map(({ timestamp, value, amount, ...row }) => ({
    ...row,
    timestamp: microsecondsFromSql(timestamp),
    value: value === null ? null : new Decimal(value),
    amountCents: amount === null ? null : new Decimal(amount),
  }));
}
