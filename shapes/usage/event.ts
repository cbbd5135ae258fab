import { z } from 'zod';
import { plainDecimal, type Decimal } from '../../billing/money/decimal.ts';
import { datetime, eventTimestamp } from '../formats.ts';

export const eventSchema = z
  .object({
    lago_id: z.uuid(),
    transaction_id: z.string(),
    lago_customer_id: z.null(),
    code: z.string(),
    timestamp: z.string().meta({ format: 'date-time', examples: ['2026-06-04T15:23:54.100Z'] }),
    precise_total_amount_cents: z
      .string()
      .nullable()
      .meta({ examples: ['123.45'] }),
    properties: z.record(z.string(), z.unknown()),
    lago_subscription_id: z.null(),
    external_subscription_id: z.string().nullable(),
    created_at: z.string().meta({ format: 'date-time', examples: ['2026-06-04T15:23:54Z'] }),
  })
  .meta({ id: 'Event' });

export type EventJson = z.infer<typeof eventSchema>;

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
export const eventJson = (event: ShownEvent): EventJson => ({
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
