import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { KeyValues } from '../../../billing/usage/bucket-condition.ts';
import type { UsageSpan } from '../../../billing/usage/usage-history.ts';
import { IS_OPEN } from '../../acts/transitions.ts';
import { sql } from '../../sql.ts';
import type { BillableMetric } from '../../entities/usage/billable-metric.ts';
import { keyValues } from '../usage/key-values.ts';
import { numericValue } from '../usage/numeric-value.ts';
import { partsOf } from '../usage/usage-spans.ts';

/** Whose usage is asked for, and by which charge. */
export interface EarlierUsageScope {
  readonly organizationId: string;
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly externalSubscriptionId: string;
  readonly chargeId: string;
  readonly metric: Pick<BillableMetric, 'id' | 'definitionVersion' | 'code' | 'fieldName'>;
  /** Property names whose values the answer tells apart. */
  readonly keys: readonly string[];
  /** Each with its stretches of time. */
  readonly periods: readonly (readonly UsageSpan[])[];
}

/** What the events of a period with the same values add up to, as far as they are priced, or never will be. */
export interface EarlierUsage {
  /** Of the period that was asked for. */
  readonly place: number;
  readonly keys: KeyValues;
  readonly eventsCount: bigint;
  /** Events with a number, and those numbers. */
  readonly numbersCount: bigint;
  readonly sum: Decimal;
  readonly amountCents: Decimal;
}

/** SQL for the events that the charge has yet to price: of an act that is open, or has failed. */
const UNPRICED = `
  select event.* from (
    select argument ->> 'eventId' as event_id from acts
    where organization_id = $1 and customer_id = $2 and ${IS_OPEN} and kind = 'instantCharge' and subscription_id = $3
      and argument ->> 'chargeId' = $5::text
    union all
    select argument ->> 'eventId' from acts
    where organization_id = $1 and kind = 'instantCharge' and state = 'failed' and subscription_id = $3
      and argument ->> 'chargeId' = $5::text) as open
  join events event on event.id = open.event_id::uuid`;

const scopeParameters = ({ keys, metric, ...asked }: EarlierUsageScope): unknown[] => [
  asked.organizationId,
  asked.customerId,
  asked.subscriptionId,
  asked.externalSubscriptionId,
  asked.chargeId,
  metric.code,
  metric.fieldName ?? null,
  JSON.stringify(keys),
];

const spanParameters = ({ periods }: EarlierUsageScope): unknown[] => {
  const spans = periods.flatMap((period, place) => period.map((span) => ({ place, parts: partsOf(span) })));
  return [
    spans.map(({ place }) => place),
    spans.map(({ parts }) => parts.from),
    spans.map(({ parts }) => parts.hoursFrom),
    spans.map(({ parts }) => parts.hoursTo),
    spans.map(({ parts }) => parts.until),
  ];
};

const SPANS = `unnest($9::int[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[])
  as span (place, from_at, hours_from, hours_to, until)`;

const rawEvents = (from: string, until: string): string => `
  select ${keyValues('$8::jsonb', 'properties')} as keys, 1 as sign,
         ${numericValue('(properties ->> $7::text)')} as value, precise_total_amount_cents as amount
  from events
  where organization_id = $1 and external_subscription_id = $4 and code = $6
    and "timestamp" >= ${from} and "timestamp" < ${until}`;

/**
 * What usage stands at before the events that are still to be priced, by the values of the keys: all of it, whole hours
 * from rollups, less those events. One statement, and so of one moment. It is asked where no running usage is known.
 *
 * @param withAmounts whether the amounts matter that events bring.
 */
export async function earlierUsage(
  em: EntityManager,
  asked: EarlierUsageScope,
  { withAmounts }: { readonly withAmounts: boolean },
): Promise<readonly EarlierUsage[]> {
  const rows = await sql<
    { place: number; keys: KeyValues } & { events: string } & Record<'numbers' | 'sum' | 'amount', string | null>
  >(
    em,
    `with unpriced as materialized (${UNPRICED}),
     slot as (
       select span.*, metric.id is not null as rolled_up,
              case when metric.id is null then span.until else span.hours_from end as raw_until
       from ${SPANS}
       left join billable_metrics metric
         on metric.organization_id = $1 and metric.id = $14 and metric.definition_version = $15 and metric.rolled_up
           and metric.deleted_at is null and $8::jsonb <@ metric.rollup_keys
           and (metric.amounts_rolled_up or not $16::boolean))
     select slot.place, part.keys, sum(part.events)::text as events, sum(part.numbers)::text as numbers,
            sum(part.sum)::text as sum, sum(part.amount)::text as amount
     from slot cross join lateral (
       select ${keyValues('$8::jsonb', 'rollup.keys')} as keys, sum(events_count) as events,
              sum(numeric_events_count) as numbers, sum(rollup.sum) as sum, sum(rollup.amount) as amount
       from usage_rollups rollup
       where slot.rolled_up and organization_id = $1 and external_subscription_id = $4 and code = $6
         and hour >= slot.hours_from and hour < slot.hours_to
       group by 1
       union all
       select edge.keys, sum(edge.sign), sum(edge.sign) filter (where edge.value is not null),
              sum(edge.sign * edge.value), sum(edge.sign * edge.amount) filter (where edge.value is not null)
       from (${rawEvents('slot.from_at', 'slot.raw_until')} union all
             ${rawEvents('slot.hours_to', 'slot.until')} and slot.rolled_up union all
             select ${keyValues('$8::jsonb', 'properties')}, -1, ${numericValue('(properties ->> $7::text)')},
                    precise_total_amount_cents
             from unpriced where "timestamp" >= slot.from_at and "timestamp" < slot.until) as edge
       group by 1) as part
     group by slot.place, part.keys`,
    [...scopeParameters(asked), ...spanParameters(asked), asked.metric.id, asked.metric.definitionVersion, withAmounts],
  );
  return rows.map(({ place, keys, events, numbers, sum, amount }) => ({
    place,
    keys,
    eventsCount: BigInt(events),
    numbersCount: BigInt(numbers ?? 0),
    sum: new Decimal(sum ?? 0),
    amountCents: new Decimal(amount ?? 0),
  }));
}

/** Of so many events at the beginning of a period it is looked at whether they were free. */
const VALUES_MAX = 10_000;

/** The number of an event that is not to be priced any more. */
export interface EarlierValue {
  readonly place: number;
  readonly keys: KeyValues;
  readonly value: Decimal;
}

/**
 * The numbers of the first of these events, the oldest first: where free events or units have to be told from others.
 * Those beyond `VALUES_MAX` count as paid.
 */
export async function earlierValues(em: EntityManager, asked: EarlierUsageScope): Promise<readonly EarlierValue[]> {
  const rows = await sql<{ place: number; keys: KeyValues; value: string }>(
    em,
    `with unpriced as materialized (${UNPRICED})
     select span.place, first.keys, first.value
     from ${SPANS} cross join lateral (
       select ${keyValues('$8::jsonb', 'properties')} as keys, "timestamp", id,
              ${numericValue('(properties ->> $7::text)')} as value
       from events
       where organization_id = $1 and external_subscription_id = $4 and code = $6
         and "timestamp" >= span.from_at and "timestamp" < span.until
         and ${numericValue('(properties ->> $7::text)')} is not null and id not in (select id from unpriced)
       order by "timestamp", id limit ${VALUES_MAX}) as first
     order by span.place, first."timestamp", first.id`,
    [...scopeParameters(asked), ...spanParameters(asked)],
  );
  return rows.map(({ value, ...row }) => ({ ...row, value: new Decimal(value) }));
}

/** A value of a unique count that is there before the events that are still to be priced. */
export interface EarlierItem {
  readonly place: number;
  readonly keys: KeyValues;
}

/** The values of unique counts that the last of these events has added; their texts are among the keys. */
export const earlierItems = (em: EntityManager, asked: EarlierUsageScope): Promise<readonly EarlierItem[]> =>
  sql<EarlierItem>(
    em,
    `with unpriced as materialized (${UNPRICED})
     select last.place, last.keys from (
       select distinct on (span.place, event.item_keys) span.place, event.item_keys as keys, event.operation
       from ${SPANS} cross join lateral (
         select ${keyValues('$8::jsonb', 'properties')} - 'operation_type' as item_keys, "timestamp", id,
                coalesce(properties ->> 'operation_type', 'add') as operation
         from events
         where organization_id = $1 and external_subscription_id = $4 and code = $6
           and "timestamp" >= span.from_at and "timestamp" < span.until
           and coalesce(properties ->> $7::text, '') <> '' and id not in (select id from unpriced)) as event
       order by span.place, event.item_keys, event."timestamp" desc, event.id desc) as last
     where last.operation = 'add'`,
    [...scopeParameters(asked), ...spanParameters(asked)],
  );
