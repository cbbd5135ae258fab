import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { Decimal } from '../../../billing/money/decimal.ts';
import { DecimalType } from '../../types/decimal-type.ts';

/** Decimals as texts. */
export interface StoredAllowance {
  readonly looked: number;
  readonly total: string;
  readonly below: number;
  readonly left: string;
}

/**
 * Where the usage of one group of one bucket of a charge in advance stands in one period, once its events so far are
 * priced (`billing/instant-charges/running-usage.ts`). Read and written under the customer's lock.
 */
export const RunningUsage = defineEntity({
  name: 'RunningUsage',
  tableName: 'running_usages',
  properties: {
    /** Made from what it is of (`activities/instant-charges/running-usage-id.ts`). */
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    subscriptionId: p.uuid(),
    chargeId: p.uuid(),
    /** null: what no filter takes. */
    chargeFilterId: p.uuid().nullable(),
    groupedBy: p.json<Record<string, string | null>>(),
    /** The first instant of the period. */
    periodFrom: p.datetime(3),
    currentUnits: p.type(DecimalType).$type<Decimal>(),
    highestUnits: p.type(DecimalType).$type<Decimal>(),
    highestProratedUnits: p.type(DecimalType).$type<Decimal>(),
    units: p.type(DecimalType).$type<Decimal>(),
    eventsCount: p.bigint('bigint'),
    eventAmountCents: p.type(DecimalType).$type<Decimal>(),
    /** `billing/charges/used-allowance.ts`; null: nothing is free, or nothing is used of it. */
    usedAllowance: p.json<StoredAllowance>().nullable(),
    /** What the fees of its events add up to, and how many they are. */
    feesAmountCents: p.bigint('bigint'),
    feesCount: p.bigint('bigint'),
    updatedAt: p.datetime(3),
  },
  indexes: [{ name: 'running_usages_of_charge', properties: ['organizationId', 'subscriptionId', 'chargeId'] }],
});
export type RunningUsage = InferEntity<typeof RunningUsage>;
