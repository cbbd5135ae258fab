import type { EntityManager } from '@mikro-orm/postgresql';
import type { Decimal } from '../../../billing/money/decimal.ts';
import type { KeyValues } from '../../../billing/usage/bucket-condition.ts';
import type { Subscription } from '../../entities/subscriptions/subscription.ts';
import { RunningUsage } from '../../entities/usage/running-usage.ts';
import { readerOf } from '../joined-rows.ts';
import { rowsAsJson } from '../rows-as-json.ts';
import { sql } from '../../sql.ts';
import type { RowOf } from '../../kysely.ts';

/** Where usage stands, by id. The caller holds the customer's lock. */
export async function runningUsages(
  em: EntityManager,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RunningUsage>> {
  if (ids.length === 0) return new Map();
  const rows = await readerOf(em).find(RunningUsage, { id: [...ids] });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Where usage stands in one period of a subscription, by id. */
export async function usagesOfPeriod(
  em: EntityManager,
  subscriptionId: string,
  chargeIds: readonly string[],
  periodFrom: Date,
): Promise<ReadonlyMap<string, RunningUsage>> {
  if (chargeIds.length === 0) return new Map();
  const rows = await readerOf(em).find(RunningUsage, { subscriptionId, chargeId: [...chargeIds], periodFrom });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Writes where usage stands now, in one statement. */
export async function writeRunningUsages(em: EntityManager, rows: readonly RowOf<'running_usages'>[]): Promise<void> {
  if (rows.length === 0) return;
  const written = rowsAsJson(em, RunningUsage);
  await sql(
    em,
    `insert into running_usages (${written.columns}) select ${written.columns} from ${written.from('$1')} row
     on conflict (id) do update set ${written.assignments('excluded', ['id', 'organizationId'])}`,
    [written.parameter(rows)],
  );
}

/** What events have added to the usage of a bucket and a group, in one period. */
export interface AddedUsage {
  readonly chargeFilterId: string | null;
  readonly groupedBy: KeyValues;
  readonly periodFrom: Date;
  readonly units: Decimal;
  readonly eventsCount: bigint;
  readonly eventAmountCents: Decimal;
}

/** Adds it to the usage of the same bucket and group in later periods, in one statement. */
export async function addToLaterUsages(
  em: EntityManager,
  { organizationId, id }: Pick<Subscription, 'organizationId' | 'id'>,
  chargeId: string,
  added: readonly AddedUsage[],
): Promise<void> {
  if (added.length === 0) return;
  await sql(
    em,
    `update running_usages later set units = later.units + earlier.units,
       events_count = later.events_count + earlier.events_count,
       event_amount_cents = later.event_amount_cents + earlier.amount
     from (
       select one.id, sum(added.units) as units, sum(added.events_count)::bigint as events_count,
              sum(added.amount) as amount
       from unnest($4::uuid[], $5::jsonb[], $6::timestamptz[], $7::numeric[], $8::bigint[], $9::numeric[])
         as added (charge_filter_id, grouped_by, period_from, units, events_count, amount)
       join running_usages one
         on one.organization_id = $1 and one.subscription_id = $2 and one.charge_id = $3
           and one.charge_filter_id is not distinct from added.charge_filter_id
           and one.grouped_by = added.grouped_by and one.period_from > added.period_from
       group by one.id) as earlier
     where later.id = earlier.id`,
    [
      organizationId,
      id,
      chargeId,
      added.map(({ chargeFilterId }) => chargeFilterId),
      added.map(({ groupedBy }) => JSON.stringify(groupedBy)),
      added.map(({ periodFrom }) => periodFrom.toISOString()),
      added.map(({ units }) => units.toFixed()),
      added.map(({ eventsCount }) => eventsCount.toString()),
      added.map(({ eventAmountCents }) => eventAmountCents.toFixed()),
    ],
  );
}
