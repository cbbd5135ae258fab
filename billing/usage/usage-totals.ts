import { type Decimal, ZERO } from '../money/decimal.ts';

/** What the events of an external subscription, a code and a window add up to, by the metric's aggregation. */
export type UsageTotals =
  | { readonly aggregationType: 'count_agg'; readonly eventsCount: bigint }
  | {
      readonly aggregationType: 'sum_agg';
      /** Events whose property, the metric's field, is a number in plain notation; only these are in `sum`. */
      readonly numericEventsCount: bigint;
      /** Exact, may be negative. */
      readonly sum: Decimal;
      /** In no order; absent where none of them was read. */
      readonly eventValues?: readonly TimedValue[];
      /** The amounts that the events with a number bring, in cents; absent where they were not read. */
      readonly eventAmountCents?: Decimal;
    };

/** The number of one event. */
export interface TimedValue {
  /** Microseconds since 1970. */
  readonly at: bigint;
  /** Of the event: ids grow as events arrive. */
  readonly id: string;
  readonly value: Decimal;
  /** false: it is of the history that an aggregation carries over. */
  readonly isInPeriod: boolean;
}

/** How a billable metric turns events into units. */
export type AggregationType = UsageTotals['aggregationType'];

/** What no events add up to. */
export function noTotals(aggregationType: AggregationType): UsageTotals {
  switch (aggregationType) {
    case 'count_agg':
      return { aggregationType, eventsCount: 0n };
    case 'sum_agg':
      return { aggregationType, numericEventsCount: 0n, sum: ZERO };
    default:
      return aggregationType satisfies never;
  }
}

/**
 * What the events of two rows add up to together: 2 events of 5 and 1 of -1 are 3 of 4.
 *
 * @throws Error when they are of different aggregations: rows of two metrics were mixed.
 */
export function addTotals(one: UsageTotals, other: UsageTotals): UsageTotals {
  const { aggregationType } = one;
  if (aggregationType === 'count_agg' && other.aggregationType === 'count_agg') {
    return { aggregationType, eventsCount: one.eventsCount + other.eventsCount };
  }
  if (aggregationType === 'sum_agg' && other.aggregationType === 'sum_agg') {
    return {
      aggregationType,
      numericEventsCount: one.numericEventsCount + other.numericEventsCount,
      sum: one.sum.plus(other.sum),
      ...(one.eventValues && { eventValues: [...one.eventValues, ...(other.eventValues ?? [])] }),
      ...(one.eventAmountCents && {
        eventAmountCents: one.eventAmountCents.plus(other.eventAmountCents ?? ZERO),
      }),
    };
  }
  throw new Error(`${one.aggregationType} and ${other.aggregationType} do not add up`);
}
