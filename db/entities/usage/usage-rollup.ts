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
  },
});
export type UsageRollup = InferEntity<typeof UsageRollup>;
