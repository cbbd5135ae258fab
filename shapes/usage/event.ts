import { plainDecimal, type Decimal } from '../../billing/money/decimal.ts';
import { datetime, eventTimestamp } from '../formats.ts';

/** What an answer shows of a stored event. */
export interface ShownEvent {
  readonly id: string;
  readonly transactionId: string;
  readonly externalSubscriptionId?: string | null | undefined;
  readonly code: string;
  /** Microseconds since 1970. */
  readonly timestamp: bigint;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly preciseTotalAmountCents?: Decimal | null | undefined;
  readonly createdAt: Date;
}

/** The wire form of an event; customer and subscription are not known on arrival and stay null (spec, usage 2.2). */
export const eventJson = (event: ShownEvent) => ({
  lago_id: event.id,
  transaction_id: event.transactionId,
  lago_customer_id: null,
  code: event.code,
  timestamp: eventTimestamp(event.timestamp),
  precise_total_amount_cents: event.preciseTotalAmountCents ? plainDecimal(event.preciseTotalAmountCents) : null,
  properties: event.properties,
  lago_subscription_id: null,
  external_subscription_id: event.externalSubscriptionId ?? null,
  created_at: datetime(event.createdAt),
});
