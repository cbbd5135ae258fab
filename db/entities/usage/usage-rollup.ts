import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { Decimal } from '../../../billing/money/decimal.ts';
import { DecimalType } from '../../types/decimal-type.ts';

/**
 * What the events of one hour add up to, kept in the transaction that stores them, so that reading usage takes as long
 * for a billion events as for none. `keys` holds the values of the declared keys (filters and groups) by which charges
 * split usage.
 */
export const UsageRollup = defineEntity({
  name: 'UsageRollup',
  tableName: 'usage_rollups',
  properties: {
    organizationId: p.uuid().primary(),
    externalSubscriptionId: p.text().primary(),
    code: p.text().primary(),
    /** The start of a UTC hour. */
    hour: p.datetime(0).primary(),
    keys: p
      .json<Record<string, string | null>>()
      .onCreate(() => ({}))
      .defaultRaw(`'{}'`)
      .primary(),
    eventsCount: p.bigint('bigint'),
    /** How many of the events have a number in the metric's field, and the sum of those numbers. */
    numericEventsCount: p.bigint('bigint'),
    sum: p.type(DecimalType).$type<Decimal>(),
    /** What the events with a number bring as their price, in cents; null: nothing. */
    amount: p.type(DecimalType).$type<Decimal>().nullable(),
    /** Of a metric that keeps a maximum. */
    max: p.type(DecimalType).$type<Decimal>().nullable(),
    /** Of a metric that keeps the latest value, as `latest-value.ts` writes it. */
    latest: p.text().nullable(),
    /** Of a metric that time weights: each number times the seconds from the beginning of the hour, together. */
    moment: p.type(DecimalType).$type<Decimal>().nullable(),
  },
});
export type UsageRollup = InferEntity<typeof UsageRollup>;
