import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { KeyValues } from '../../../billing/usage/bucket-condition.ts';
import type { UsageRow } from '../../../billing/usage/buckets.ts';
import type { UsageSpan } from '../../../billing/usage/usage-history.ts';
import type { UsageSlot } from '../../../billing/usage/usage-slot.ts';
import type { UsageTotals } from '../../../billing/usage/usage-totals.ts';
import { sql } from '../../sql.ts';
import { keyValues } from './key-values.ts';
import { numericValue } from './numeric-value.ts';

const HOUR_MS = 3_600_000;

/** The beginning of time, for PostgreSQL. */
const EVER = '-infinity';

/** The stretches of time whose events a slot counts; none where its window has no moment of its history. */
const spansOf = ({ from, to, history }: UsageSlot): readonly UsageSpan[] => history ?? [{ from, to }];

/** A window in three parts: raw events [from, hoursFrom), rollups [hoursFrom, hoursTo), raw events [hoursTo, until). */
interface Parts {
  readonly from: string;
  readonly hoursFrom: string;
  readonly hoursTo: string;
  readonly until: string;
}

/** Half-open, and the end is a whole millisecond: so times of microseconds are compared as if cut to milliseconds. */
function partsOf({ from, to }: UsageSpan): Parts {
  const until = to.getTime() + 1;
  const since = from === null ? -Infinity : from.getTime();
  const lastHour = Math.floor(until / HOUR_MS) * HOUR_MS;
  const firstHour = Math.ceil(since / HOUR_MS) * HOUR_MS;
  const [hoursFrom, hoursTo] = firstHour < lastHour ? [firstHour, lastHour] : [until, until];
  return {
    from: instant(since),
    hoursFrom: instant(hoursFrom),
    hoursTo: instant(hoursTo),
    until: instant(until),
  };
}

const instant = (milliseconds: number): string =>
  milliseconds === -Infinity ? EVER : new Date(milliseconds).toISOString();

const rawEvents = (from: string, until: string): string => `
  select ${keyValues('slot.keys', 'properties')} as keys, 1 as events,
         ${numericValue('(properties ->> slot.field_name)')} as value
  from events
  where organization_id = $1 and external_subscription_id = slot.external_subscription_id and code = slot.code
    and "timestamp" >= ${from} and "timestamp" < ${until}`;

/*
 * Whether the rollups are those of the slot's definition is decided here, as of the same moment as they are read: a
 * definition that changed since the caller has loaded the metric makes them those of something else. Then, and while
 * they are rebuilt, all events are read raw. The joined metric has them; of a key that they do not tell apart they
 * know nothing.
 */
const USAGE = `
  select slot.place, part.keys, sum(part.events)::text as events, sum(part.numbers)::text as numbers,
         sum(part.sum)::text as sum
  from (
    select asked.*, metric.id is not null as rolled_up,
           case when metric.id is null then asked.until else asked.hours_from end as raw_until
    from unnest($2::int[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::timestamptz[],
                $10::timestamptz[], $11::timestamptz[], $12::timestamptz[])
           as asked (place, metric_id, version, external_subscription_id, code, field_name, keys, from_at, hours_from,
                     hours_to, until)
    left join billable_metrics metric
      on metric.organization_id = $1 and metric.id = asked.metric_id and metric.definition_version = asked.version
        and metric.rolled_up and metric.deleted_at is null and asked.keys <@ metric.rollup_keys) as slot
  cross join lateral (
    select ${keyValues('slot.keys', 'rollup.keys')} as keys, sum(events_count) as events,
           sum(numeric_events_count) as numbers, sum(rollup.sum) as sum
    from usage_rollups rollup
    where slot.rolled_up and organization_id = $1 and external_subscription_id = slot.external_subscription_id
      and code = slot.code and hour >= slot.hours_from and hour < slot.hours_to
    group by 1
    union all
    select edge.keys, sum(edge.events), count(edge.value), coalesce(sum(edge.value), 0)
    from (${rawEvents('slot.from_at', 'slot.raw_until')} union all
          ${rawEvents('slot.hours_to', 'slot.until')} and slot.rolled_up) as edge
    group by 1) as part
  group by slot.place, part.keys`;

/**
 * What the events of each slot add up to, by the values of its keys; nothing for values without events. One
 * statement, so all are of one moment; whole UTC hours come from rollups, so that it takes as long for a million
 * events as for none.
 *
 * @returns by the ids of the slots.
 */
export async function readUsage(
  em: EntityManager,
  organizationId: string,
  slots: readonly UsageSlot[],
): Promise<ReadonlyMap<string, readonly UsageRow[]>> {
  const spans = slots.flatMap((slot, place) => spansOf(slot).map((span) => ({ slot, place, parts: partsOf(span) })));
  if (spans.length === 0) return new Map(slots.map(({ id }) => [id, []]));
  const rows = await sql<FoundRow>(em, USAGE, [
    organizationId,
    spans.map(({ place }) => place),
    spans.map(({ slot }) => slot.metric.id),
    spans.map(({ slot }) => slot.metric.definitionVersion),
    spans.map(({ slot }) => slot.externalSubscriptionId),
    spans.map(({ slot }) => slot.metric.code),
    spans.map(({ slot }) => slot.metric.fieldName),
    spans.map(({ slot }) => JSON.stringify(slot.keys)),
    spans.map(({ parts }) => parts.from),
    spans.map(({ parts }) => parts.hoursFrom),
    spans.map(({ parts }) => parts.hoursTo),
    spans.map(({ parts }) => parts.until),
  ]);
  const found = Map.groupBy(rows, ({ place }) => place);
  return new Map(
    slots.map((slot, place) => [
      slot.id,
      (found.get(place) ?? []).map((row) => ({ keys: row.keys, totals: totalsOf(slot, row) })),
    ]),
  );
}

interface FoundRow {
  readonly place: number;
  readonly keys: KeyValues;
  readonly events: string;
  readonly numbers: string;
  readonly sum: string;
}

function totalsOf({ metric: { aggregationType } }: UsageSlot, { events, numbers, sum }: FoundRow): UsageTotals {
  switch (aggregationType) {
    case 'count_agg':
      return { aggregationType, eventsCount: BigInt(events) };
    case 'sum_agg':
      return { aggregationType, numericEventsCount: BigInt(numbers), sum: new Decimal(sum) };
    default:
      return aggregationType satisfies never;
  }
}
