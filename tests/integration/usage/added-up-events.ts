import { Decimal, ZERO } from '../../../billing/money/decimal.ts';
import type { Proration } from '../../../billing/usage/usage-slot.ts';
import type { AggregationType, TimedValue, UsageTotals } from '../../../billing/usage/usage-totals.ts';
import type { NewEvent } from '../../../db/queries/usage/store-events.ts';

/** What is asked of events. */
export interface AskedTotals {
  readonly from: Date;
  readonly to: Date;
  readonly withValues: boolean;
  readonly withAmounts: boolean;
  readonly proration: Proration | null;
}

/** What the events of one group add up to, event by event; their numbers are of the property `value`. */
export function addedUp(
  aggregationType: AggregationType,
  events: readonly NewEvent[],
  { from, to, withValues, withAmounts, proration }: AskedTotals,
): UsageTotals {
  const numeric = events.flatMap((event) => {
    const value = numberIn(event);
    const isInPeriod = event.timestamp >= BigInt(from.getTime()) * 1000n;
    return value
      ? [{ at: event.timestamp, id: event.id, value, isInPeriod, amount: event.preciseTotalAmountCents }]
      : [];
  });
  const inOrder = numeric.toSorted((one, other) => (isBefore(one, other) ? -1 : 1));
  const numericEventsCount = BigInt(numeric.length);
  const eventValues = inOrder.map(({ amount: _, ...value }) => value);
  const sumOf = (values: readonly { readonly value: Decimal }[]) =>
    values.reduce((sum, { value }) => sum.plus(value), ZERO);
  const [within, before] = [true, false].map((isInPeriod) => numeric.filter((one) => one.isInPeriod === isInPeriod));
  switch (aggregationType) {
    case 'count_agg':
      return { aggregationType, eventsCount: BigInt(events.length) };
    case 'sum_agg':
      return {
        aggregationType,
        numericEventsCount,
        sum: sumOf(numeric),
        carriedSum: sumOf(before!),
        ...(withValues
          ? { eventValues }
          : proration && {
              eventValues:
                proration.by === 'events'
                  ? eventValues.filter(({ isInPeriod }) => isInPeriod)
                  : sumsOfDays(events, from),
            }),
        ...(withAmounts && { eventAmountCents: Decimal.sum(0, ...numeric.map(({ amount }) => amount ?? 0)) }),
      };
    case 'max_agg': {
      const max = numeric.length === 0 ? null : Decimal.max(...numeric.map(({ value }) => value));
      return { aggregationType, numericEventsCount, max, ...(withValues && { eventValues }) };
    }
    case 'latest_agg': {
      const last = inOrder.at(-1);
      const latest = last ? { at: last.at, id: last.id, value: last.value } : null;
      return { aggregationType, numericEventsCount, latest };
    }
    case 'weighted_sum_agg': {
      const end = BigInt(Math.ceil(to.getTime() / 1000)) * 1_000_000n;
      const secondsTo = (at: bigint): Decimal => Decimal.max(new Decimal((end - at).toString()).div(1_000_000), ZERO);
      return {
        aggregationType,
        numericEventsCount: BigInt(within!.length),
        levelBefore: sumOf(before!),
        sum: sumOf(within!),
        unitSeconds: within!.reduce((sum, { at, value }) => sum.plus(value.times(secondsTo(at))), ZERO),
      };
    }
    case 'unique_count_agg':
      return {
        aggregationType,
        activeCount: activeOf(events),
        ...(proration && {
          operations: events.map((event) => ({
            at: event.timestamp,
            id: event.id,
            value: itemOf(event),
            operation: operationOf(event),
          })),
        }),
      };
    default:
      return aggregationType satisfies never;
  }
}

const isBefore = (one: { at: bigint; id: string }, other: { at: bigint; id: string }): boolean =>
  one.at < other.at || (one.at === other.at && one.id < other.id);

function activeOf(events: readonly NewEvent[]): bigint {
  const operations = new Map<string, string>();
  let active = 0n;
  const inOrder = events.toSorted((one, other) =>
    isBefore({ at: one.timestamp, id: one.id }, { at: other.timestamp, id: other.id }) ? -1 : 1,
  );
  for (const event of inOrder) {
    const item = itemOf(event);
    const operation = operationOf(event);
    if (operation !== (operations.get(item) ?? 'remove')) active += operation === 'add' ? 1n : -1n;
    operations.set(item, operation);
  }
  return active;
}

const itemOf = (event: NewEvent): string => textIn(event, 'value') ?? '';
const operationOf = (event: NewEvent): string => textIn(event, 'operation_type') ?? 'add';

const DAY_MS = 86_400_000;
const OFFSET_MS = 5.5 * 3_600_000;

/** One value for each day of Kolkata, at its beginning or that of the period. */
function sumsOfDays(events: readonly NewEvent[], from: Date): readonly TimedValue[] {
  const within = events.filter(({ timestamp }) => timestamp >= BigInt(from.getTime()) * 1000n);
  const days = Map.groupBy(within, ({ timestamp }) => Math.floor((Number(timestamp / 1000n) + OFFSET_MS) / DAY_MS));
  return [...days].map(([day, ofDay]) => ({
    at: BigInt(Math.max(day * DAY_MS - OFFSET_MS, from.getTime())) * 1000n,
    id: '',
    value: Decimal.sum(0, ...ofDay.map((event) => numberIn(event) ?? 0)),
    isInPeriod: true,
  }));
}

/** Only the wire's own rule for numbers is repeated here (spec, usage 1.3). */
function numberIn({ properties }: NewEvent): Decimal | undefined {
  const sent = properties['value'];
  if (typeof sent !== 'string' && typeof sent !== 'number') return undefined;
  const text = typeof sent === 'number' ? new Decimal(sent).toFixed() : sent;
  const [whole = '', fraction, ...more] = (text.startsWith('-') ? text.slice(1) : text).split('.');
  const digits = (part: string) =>
    part !== '' && Array.from(part).every((character) => '0123456789'.includes(character));
  const isNumber = digits(whole) && (fraction === undefined || digits(fraction)) && more.length === 0;
  return isNumber && text.length <= 50 ? new Decimal(text) : undefined;
}

/** A property as PostgreSQL writes it as a text; of what is neither text, number nor boolean, its JSON. */
export const textIn = ({ properties }: NewEvent, key: string): string | null => {
  const sent = properties[key] ?? null;
  if (sent === null || typeof sent === 'string') return sent;
  return JSON.stringify(sent, null, 1)
    .replaceAll(/\n */g, '')
    .replaceAll(/,(?=\S)/g, ', ');
};
