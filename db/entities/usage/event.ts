import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { Decimal } from '../../../billing/money/decimal.ts';
import { DecimalType } from '../../types/decimal-type.ts';
import { ExactJsonType } from '../../types/exact-json-type.ts';
import { MicrosecondsType } from '../../types/microseconds-type.ts';

/** A usage event as it was sent; never changed. */
export const Event = defineEntity({
  name: 'Event',
  tableName: 'events',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    transactionId: p.text(),
    externalSubscriptionId: p.text().nullable(),
    code: p.text(),
    /** Microseconds since 1970. */
    timestamp: p.type(MicrosecondsType).$type<bigint>(),
    properties: p
      .type(ExactJsonType)
      .$type<Record<string, unknown>>()
      .onCreate(() => ({}))
      .defaultRaw(`'{}'`),
    preciseTotalAmountCents: p.type(DecimalType).$type<Decimal>().precision(40).scale(15).nullable(),
    userAgent: p.text().nullable(),
    ipAddress: p.text().nullable(),
    createdAt: p.datetime(3),
  },
  uniques: [
    {
      name: 'events_transaction_id',
      properties: ['organizationId', 'transactionId', 'externalSubscriptionId'],
    },
  ],
  indexes: [
    { name: 'events_of_subscription', properties: ['organizationId', 'externalSubscriptionId', 'code', 'timestamp'] },
    { name: 'events_newest', properties: ['organizationId', 'timestamp', 'transactionId'] },
    { name: 'events_of_code', properties: ['organizationId', 'code', 'timestamp'] },
  ],
});
export type Event = InferEntity<typeof Event>;
