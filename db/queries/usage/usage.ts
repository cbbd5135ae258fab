import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { KeyValues } from '../../../billing/usage/bucket-condition.ts';
import type { UsageRow } from '../../../billing/usage/buckets.ts';
import type { UsageSpan } from '../../../billing/usage/usage-history.ts';
import type { UsageSlot } from '../../../billing/usage/usage-slot.ts';
import type { TimedValue, UsageTotals } from '../../../billing/usage/usage-totals.ts';
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
  select ${keyValues('slot.keys', 'properties')} as keys, 1 as events, id, "timestamp",
         ${numericValue('(properties ->> slot.field_name)')} as value, precise_total_amount_cents as amount
  from events
  where organization_id = $1 and external_subscription_id = slot.external_subscription_id and code = slot.code
    and "timestamp" >= ${from} and "timestamp" < ${until}`;

/*
 * Whether the rollups are those of the slot's definition is decided here, as of the same moment as they are read: a
 * definition that changed since the caller has loaded the metric makes them those of something else. Then, and while
 * they are rebuilt, all events are read raw. The joined metric has them; of a key that they do not tell apart they
 * know nothing, and as little of single events: whoever asks for these has all read raw, too.
 */
const USAGE = `
  select slot.place, part.keys, sum(part.events)::text as events, sum(part.numbers)::text as numbers,
         sum(part.sum)::text as sum, sum(part.amount)::text as amount, string_agg(part.singles, ',') as singles
  from (
    select asked.*, metric.id is not null as rolled_up,
           case when metric.id is null then asked.until else asked.hours_from end as raw_until
    from unnest($2::int[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::timestamptz[],
                $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::boolean[],
                $15::boolean[])
           as asked (place, metric_id, version, external_subscription_id, code, field_name, keys, from_at, hours_from,
                     hours_to, until, period_from, with_values, with_amounts)
    left join billable_metrics metric
      on metric.organization_id = $1 and metric.id = asked.metric_id and metric.definition_version = asked.version
        and metric.rolled_up and metric.deleted_at is null and asked.keys <@ metric.rollup_keys
        and not asked.with_values and not asked.with_amounts) as slot
  cross join lateral (
    select ${keyValues('slot.keys', 'rollup.keys')} as keys, sum(events_count) as events,
           sum(numeric_events_count) as numbers, sum(rollup.sum) as sum, null::numeric as amount,
           null::text as singles
    from usage_rollups rollup
    where slot.rolled_up and organization_id = $1 and external_subscription_id = slot.external_subscription_id
      and code = slot.code and hour >= slot.hours_from and hour < slot.hours_to
    group by 1
    union all
    select edge.keys, sum(edge.events), count(edge.value), coalesce(sum(edge.value), 0),
           sum(edge.amount) filter (where edge.value is not null and slot.with_amounts),
           string_agg(concat_ws(' ', (extract(epoch from edge."timestamp") * 1000000)::bigint, edge.id,
                                (edge."timestamp" >= slot.period_from)::int, edge.value), ',')
             filter (where edge.value is not null and slot.with_values)
    from (${rawEvents('slot.from_at', 'slot.raw_until')} union all
          ${rawEvents('slot.hours_to', 'slot.until')} and slot.rolled_up) as edge
    group by 1) as part
  group by slot.place, part.keys`;

/**
 * What the events of each slot add up to, by the values of its keys; nothing for values without events. One
 * statement, so all are of one moment; whole UTC hours come from rollups, so that it takes as long for a million
 * events as for none, unless single events are asked for.
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
    spans.map(({ slot }) => slot.from.toISOString()),
    spans.map(({ slot }) => slot.withValues),
    spans.map(({ slot }) => slot.withAmounts),
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
  /** null: none of them has one, or nobody asked. */
  readonly amount: string | null;
  /** `time id isInPeriod number`, in no order; null: none has a number, or nobody asked. */
  readonly singles: string | null;
}

function totalsOf(slot: UsageSlot, { events, numbers, sum, amount, singles }: FoundRow): UsageTotals {
  const { metric, withValues, withAmounts } = slot;
  const { aggregationType } = metric;
  switch (aggregationType) {
    case 'count_agg':
      return { aggregationType, eventsCount: BigInt(events) };
    case 'sum_agg':
      return {
        aggregationType,
        numericEventsCount: BigInt(numbers),
        sum: new Decimal(sum),
        ...(withValues && { eventValues: singles === null ? [] : singles.split(',').map(timedValue) }),
        ...(withAmounts && { eventAmountCents: new Decimal(amount ?? 0) }),
      };
    default:
      return aggregationType satisfies never;
  }
}

function timedValue(single: string): TimedValue {
  const [at, id, isInPeriod, value] = single.split(' ') as [string, string, string, string];
  return { at: BigInt(at), id, value: new Decimal(value), isInPeriod: isInPeriod === '1' };
}
