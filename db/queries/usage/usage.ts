import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal, ZERO } from '../../../billing/money/decimal.ts';
import type { KeyValues } from '../../../billing/usage/bucket-condition.ts';
import type { UsageRow } from '../../../billing/usage/buckets.ts';
import { countsOncePerBucket, type UsageSlot } from '../../../billing/usage/usage-slot.ts';
import type { LatestValue, TimedValue, UsageTotals } from '../../../billing/usage/usage-totals.ts';
import { weightedEnd } from '../../../billing/usage/weighted-sum.ts';
import { sql } from '../../sql.ts';
import { keyValues } from './key-values.ts';
import { latestOf, latestValue } from './latest-value.ts';
import { numericValue } from './numeric-value.ts';
import { readUniqueCounts } from './unique-counts.ts';
import { partsOf, spansOf, type SlotSpan } from './usage-spans.ts';

/** What was read of slots, by their ids. */
export type UsageRows = ReadonlyMap<string, readonly UsageRow[]>;

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
  select slot.place, slot.span, part.keys, sum(part.events)::text as events,
         sum(part.numbers)::text as numbers, sum(part.sum)::text as sum, sum(part.amount)::text as amount,
         max(part.max)::text as max, max(part.latest) as latest, sum(part.unit_seconds)::text as "unitSeconds",
         string_agg(part.singles, ',') as singles
  from (
    select asked.*, metric.id is not null as rolled_up,
           case when metric.id is null then asked.until else asked.hours_from end as raw_until
    from unnest($2::int[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::timestamptz[],
                $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::int[],
                $15::boolean[], $16::boolean[], $17::text[])
           as asked (place, metric_id, version, external_subscription_id, code, field_name, keys, from_at, hours_from,
                     hours_to, until, weighted_end, span, with_values, with_amounts, aggregation)
    left join billable_metrics metric
      on metric.organization_id = $1 and metric.id = asked.metric_id and metric.definition_version = asked.version
        and metric.rolled_up and metric.deleted_at is null and asked.keys <@ metric.rollup_keys
        and not asked.with_values and (metric.amounts_rolled_up or not asked.with_amounts)) as slot
  cross join lateral (
    select ${keyValues('slot.keys', 'rollup.keys')} as keys, sum(events_count) as events,
           sum(numeric_events_count) as numbers, sum(rollup.sum) as sum,
           sum(rollup.amount) filter (where slot.with_amounts) as amount, max(rollup.max) as max,
           max(rollup.latest) as latest,
           sum(rollup.sum * extract(epoch from slot.weighted_end - rollup.hour) - rollup.moment) as unit_seconds,
           null::text as singles
    from usage_rollups rollup
    where slot.rolled_up and organization_id = $1 and external_subscription_id = slot.external_subscription_id
      and code = slot.code and hour >= slot.hours_from and hour < slot.hours_to
    group by 1
    union all
    select edge.keys, sum(edge.events), count(edge.value), coalesce(sum(edge.value), 0),
           sum(edge.amount) filter (where edge.value is not null and slot.with_amounts),
           max(edge.value) filter (where slot.aggregation = 'max_agg'),
           max(${latestValue('edge')}) filter (where edge.value is not null and slot.aggregation = 'latest_agg'),
           sum(edge.value * greatest(extract(epoch from slot.weighted_end - edge."timestamp"), 0))
             filter (where slot.aggregation = 'weighted_sum_agg'),
           string_agg(concat_ws(' ', (extract(epoch from edge."timestamp") * 1000000)::bigint, edge.id, edge.value),
                      ',')
             filter (where edge.value is not null and slot.with_values)
    from (${rawEvents('slot.from_at', 'slot.raw_until')} union all
          ${rawEvents('slot.hours_to', 'slot.until')} and slot.rolled_up) as edge
    group by 1) as part
  group by slot.place, slot.span, part.keys`;

/**
 * What the events of each slot add up to, by the values of its keys; nothing for values without events. Whole UTC hours
 * come from rollups, so that it takes as long for a million events as for none, unless single events are asked for. All
 * of one statement, and so of one moment, but for unique values, which have one of their own.
 */
export async function readUsage(
  em: EntityManager,
  organizationId: string,
  slots: readonly UsageSlot[],
): Promise<UsageRows> {
  const [unique, summed] = [true, false].map((once) =>
    slots.filter(({ metric }) => countsOncePerBucket(metric) === once),
  );
  const usage = await readSums(em, organizationId, summed!);
  return unique!.length === 0 ? usage : new Map([...usage, ...(await readUniqueCounts(em, organizationId, unique!))]);
}

/** Of aggregations that add up: what two groups have together is the sum of what they have. */
async function readSums(em: EntityManager, organizationId: string, slots: readonly UsageSlot[]): Promise<UsageRows> {
  const spans = slots.flatMap((slot, place) =>
    spansOf(slot).map((span) => ({ slot, place, span, parts: partsOf(span) })),
  );
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
    spans.map(({ slot }) => weightedEnd(slot.to).toISOString()),
    spans.map((_, index) => index),
    spans.map(asksForValues),
    spans.map(({ slot }) => slot.withAmounts),
    spans.map(({ slot }) => slot.metric.aggregationType),
  ]);
  const found = Map.groupBy(rows, ({ place }) => place);
  return new Map(
    slots.map((slot, place) => [
      slot.id,
      (found.get(place) ?? []).map((row) => ({ keys: row.keys, totals: totalsOf(slot, spans[row.span]!.span, row) })),
    ]),
  );
}

interface FoundRow {
  readonly place: number;
  /** Which of the stretches of time that were asked for its events are of. */
  readonly span: number;
  readonly keys: KeyValues;
  readonly events: string;
  readonly numbers: string;
  readonly sum: string;
  /** null: none of them has one, or nobody asked. So are the others. */
  readonly amount: string | null;
  readonly max: string | null;
  /** As `latest-value.ts` writes it. */
  readonly latest: string | null;
  readonly unitSeconds: string | null;
  /** `time id number`, in no order; null: none has a number, or nobody asked. */
  readonly singles: string | null;
}

function totalsOf(slot: UsageSlot, span: SlotSpan, row: FoundRow): UsageTotals {
  const { metric, withAmounts } = slot;
  const { aggregationType } = metric;
  const { isBefore } = span;
  const sum = new Decimal(row.sum);
  const numericEventsCount = BigInt(row.numbers);
  const eventValues = valuesOf(slot, span, row);
  switch (aggregationType) {
    case 'count_agg':
      return { aggregationType, eventsCount: BigInt(row.events) };
    case 'sum_agg':
      return {
        aggregationType,
        numericEventsCount,
        sum,
        carriedSum: isBefore ? sum : ZERO,
        ...(eventValues && { eventValues }),
        ...(withAmounts && { eventAmountCents: new Decimal(row.amount ?? 0) }),
      };
    case 'max_agg':
      return {
        aggregationType,
        numericEventsCount,
        max: row.max === null ? null : new Decimal(row.max),
        ...(eventValues && { eventValues }),
      };
    case 'latest_agg':
      return { aggregationType, numericEventsCount, latest: row.latest === null ? null : latestOf(row.latest) };
    case 'weighted_sum_agg':
      return isBefore
        ? { aggregationType, numericEventsCount: 0n, levelBefore: sum, sum: ZERO, unitSeconds: ZERO }
        : {
            aggregationType,
            numericEventsCount,
            levelBefore: ZERO,
            sum,
            unitSeconds: new Decimal(row.unitSeconds ?? 0),
          };
    case 'unique_count_agg':
      throw new Error('unique values are counted by themselves');
    default:
      return aggregationType satisfies never;
  }
}

/** Whether a stretch of time is asked for its single events: for the price, or those of the period for their days. */
const asksForValues = ({ slot: { withValues, proration }, span }: { slot: UsageSlot; span: SlotSpan }): boolean =>
  withValues || (proration?.by === 'events' && !span.isBefore);

/** The numbers of single events, or one of each day; undefined: nobody asked. */
function valuesOf(slot: UsageSlot, span: SlotSpan, { singles, sum }: FoundRow): readonly TimedValue[] | undefined {
  const isInPeriod = !span.isBefore;
  if (asksForValues({ slot, span })) {
    return singles === null ? [] : singles.split(',').map((single) => ({ ...timedNumber(single), isInPeriod }));
  }
  if (slot.proration === null || span.from === null || span.isBefore) return slot.proration ? [] : undefined;
  return [{ at: BigInt(span.from.getTime()) * 1000n, id: '', value: new Decimal(sum), isInPeriod }];
}

function timedNumber(single: string): LatestValue {
  const [at, id, value] = single.split(' ') as [string, string, string];
  return { at: BigInt(at), id, value: new Decimal(value) };
}
