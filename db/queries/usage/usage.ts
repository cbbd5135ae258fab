import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { UsageTotals } from '../../../billing/usage/aggregate.ts';
import type { UsageSpan } from '../../../billing/usage/usage-history.ts';
import type { UsageSlot } from '../../../billing/usage/usage-slot.ts';
import { sql } from '../../sql.ts';
import { numericValue } from './numeric-value.ts';

export type { UsageSlot, UsageTotals };

const HOUR_MS = 3_600_000;

/** The beginning of time, for PostgreSQL. */
const EVER = '-infinity';

/** The stretches of time whose events a slot counts. */
const spansOf = ({ from, to, carriesOver, history }: UsageSlot): readonly UsageSpan[] =>
  // Of a window without a moment in its history there is nothing, but still an answer.
  history ? (history.length > 0 ? history : [{ from: to, to: from }]) : [{ from: carriesOver ? null : from, to }];

/** A window in three parts: raw events [from, hoursFrom), rollups [hoursFrom, hoursTo), raw events [hoursTo, until). */
interface Parts {
  readonly from: string;
  readonly hoursFrom: string;
  readonly hoursTo: string;
  readonly until: string;
}

/** Half-open, and the end is a whole millisecond: so times of microseconds are compared as if cut to milliseconds. */
function partsOf({ from, to }: UsageSpan, rolledUp: boolean): Parts {
  const until = to.getTime() + 1;
  const since = from === null ? -Infinity : from.getTime();
  const lastHour = Math.floor(until / HOUR_MS) * HOUR_MS;
  const firstHour = Math.ceil(since / HOUR_MS) * HOUR_MS;
  const [hoursFrom, hoursTo] = rolledUp && firstHour < lastHour ? [firstHour, lastHour] : [until, until];
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
  select properties from events
  where organization_id = $1 and external_subscription_id = slot.external_subscription_id and code = slot.code
    and "timestamp" >= slot.${from} and "timestamp" < slot.${until}`;

const USAGE = `
  select sum(rolled.events + raw.events)::text as "eventsCount",
         sum(rolled.numeric_events + raw.numeric_events)::text as "numericEventsCount",
         sum(rolled.sum + raw.sum)::text as sum
  from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[],
              $8::timestamptz[], $9::int[])
         as slot (external_subscription_id, code, field_name, from_at, hours_from, hours_to, until, place)
  cross join lateral (
    select coalesce(sum(events_count), 0) as events, coalesce(sum(numeric_events_count), 0) as numeric_events,
           coalesce(sum(rollup.sum), 0) as sum
    from usage_rollups rollup
    where organization_id = $1 and external_subscription_id = slot.external_subscription_id and code = slot.code
      and hour >= slot.hours_from and hour < slot.hours_to) as rolled
  cross join lateral (
    select count(*) as events, count(value) as numeric_events, coalesce(sum(value), 0) as sum
    from (
      select ${numericValue('(properties ->> slot.field_name)')} as value
      from (${rawEvents('from_at', 'hours_from')} union all ${rawEvents('hours_to', 'until')}) as event) as edge) as raw
  group by slot.place order by slot.place`;

/**
 * What the events of each slot add up to, in the order of the slots. One statement, so all are of one moment; whole UTC hours
 * come from rollups, so that it takes as long for a million events as for none.
 */
export async function readUsage(
  em: EntityManager,
  organizationId: string,
  slots: readonly UsageSlot[],
): Promise<readonly UsageTotals[]> {
  if (slots.length === 0) return [];
  const spans = slots.flatMap((slot, place) => spansOf(slot).map((span) => ({ slot, place, span })));
  const parts = spans.map(({ slot, span }) => partsOf(span, slot.rolledUp));
  const rows = await sql<Record<keyof UsageTotals, string>>(em, USAGE, [
    organizationId,
    spans.map(({ slot }) => slot.externalSubscriptionId),
    spans.map(({ slot }) => slot.code),
    spans.map(({ slot }) => slot.fieldName),
    parts.map((part) => part.from),
    parts.map((part) => part.hoursFrom),
    parts.map((part) => part.hoursTo),
    parts.map((part) => part.until),
    spans.map(({ place }) => place),
  ]);
  return rows.map((row) => ({
    eventsCount: BigInt(row.eventsCount),
    numericEventsCount: BigInt(row.numericEventsCount),
    sum: new Decimal(row.sum),
  }));
}
