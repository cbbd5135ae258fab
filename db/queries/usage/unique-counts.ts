import type { EntityManager } from '@mikro-orm/postgresql';
import { takesAll, type KeyValues } from '../../../billing/usage/bucket-condition.ts';
import type { UsageRow } from '../../../billing/usage/buckets.ts';
import type { UsageSlot } from '../../../billing/usage/usage-slot.ts';
import type { UsageTotals } from '../../../billing/usage/usage-totals.ts';
import { sql } from '../../sql.ts';
import { groupValues, meets } from './key-values.ts';
import { partsOf, spansOf } from './usage-spans.ts';

/*
 * The events of one value, in the order of time: an operation counts where it is not the one before it, and before the
 * first one the value is removed (spec, usage 1.4).
 */
const COUNTS = `
  select place, keys, sum(change)::text as active,
         jsonb_agg(jsonb_build_array(microseconds, id, value, operation)) filter (where with_operations) as operations
  from (
    select slot.place, slot.with_operations, event.keys, event.id, event.value, event.operation,
           (extract(epoch from event."timestamp") * 1000000)::bigint::text as microseconds,
           case when operation is not distinct from lag(operation, 1, 'remove') over item then 0
                when operation = 'add' then 1 else -1 end as change
    from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[], $8::timestamptz[],
                $9::timestamptz[], $10::boolean[])
           as slot (place, external_subscription_id, code, field_name, keys, condition, from_at, until,
                    with_operations)
    cross join lateral (
      select ${groupValues('slot.keys', 'properties')} as keys, id, "timestamp",
             coalesce(properties ->> slot.field_name, '') as value,
             coalesce(properties ->> 'operation_type', 'add') as operation
      from events
      where organization_id = $1 and external_subscription_id = slot.external_subscription_id and code = slot.code
        and "timestamp" >= slot.from_at and "timestamp" < slot.until
        and (slot.condition is null or ${meets('slot.condition', 'properties')})) as event
    window item as (partition by slot.place, event.keys, event.value order by event."timestamp", event.id)) as changed
  group by place, keys`;

/** How many values are active at the end of each slot, group by group, by the ids of the slots. */
export async function readUniqueCounts(
  em: EntityManager,
  organizationId: string,
  slots: readonly UsageSlot[],
): Promise<ReadonlyMap<string, readonly UsageRow[]>> {
  const spans = slots.flatMap((slot, place) => spansOf(slot).map((span) => ({ slot, place, parts: partsOf(span) })));
  if (spans.length === 0) return new Map();
  const rows = await sql<FoundRow>(em, COUNTS, [
    organizationId,
    spans.map(({ place }) => place),
    spans.map(({ slot }) => slot.externalSubscriptionId),
    spans.map(({ slot }) => slot.metric.code),
    spans.map(({ slot }) => slot.metric.fieldName),
    spans.map(({ slot }) => JSON.stringify(slot.keys)),
    spans.map(({ slot: { condition } }) =>
      condition === null || takesAll(condition) ? null : JSON.stringify(condition),
    ),
    spans.map(({ parts }) => parts.from),
    spans.map(({ parts }) => parts.until),
    spans.map(({ slot }) => slot.proration !== null),
  ]);
  const found = Map.groupBy(rows, ({ place }) => place);
  return new Map(
    slots.map(({ id }, place) => [
      id,
      (found.get(place) ?? []).map((row) => ({ keys: row.keys, totals: totalsOf(row) })),
    ]),
  );
}

interface FoundRow {
  readonly place: number;
  readonly keys: KeyValues;
  readonly active: string;
  /** Time, id, value and operation of each event, in no order; null: nobody asked. */
  readonly operations: readonly (readonly [at: string, id: string, value: string, operation: string])[] | null;
}

const totalsOf = ({ active, operations }: FoundRow): UsageTotals => ({
  aggregationType: 'unique_count_agg',
  activeCount: BigInt(active),
  ...(operations && {
    operations: operations.map(([at, id, value, operation]) => ({ at: BigInt(at), id, value, operation })),
  }),
});
