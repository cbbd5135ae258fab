import { Decimal, ZERO } from '../money/decimal.ts';

/** What the events of an external subscription, a code and a window add up to, by the metric's aggregation. */
export type UsageTotals = CountTotals | SumTotals | MaxTotals | LatestTotals | WeightedSumTotals | UniqueCountTotals;

export interface CountTotals {
  readonly aggregationType: 'count_agg';
  readonly eventsCount: bigint;
}

export interface SumTotals {
  readonly aggregationType: 'sum_agg';
  /** Events whose property, the metric's field, is a number in plain notation; only these are in `sum`. */
  readonly numericEventsCount: bigint;
  /** Exact, may be negative. */
  readonly sum: Decimal;
  /** What of the sum was there before the period: not zero only where it carries over. */
  readonly carriedSum: Decimal;
  /** In no order; absent where none of them was read. */
  readonly eventValues?: readonly TimedValue[];
  /** The amounts that the events with a number bring, in cents; absent where they were not read. */
  readonly eventAmountCents?: Decimal;
}

export interface MaxTotals {
  readonly aggregationType: 'max_agg';
  readonly numericEventsCount: bigint;
  /** null: no event has a number. */
  readonly max: Decimal | null;
  /** In no order; absent where none of them was read. */
  readonly eventValues?: readonly TimedValue[];
}

export interface LatestTotals {
  readonly aggregationType: 'latest_agg';
  readonly numericEventsCount: bigint;
  /** null: no event has a number. */
  readonly latest: LatestValue | null;
}

/** Numbers are changes of a level. */
export interface WeightedSumTotals {
  readonly aggregationType: 'weighted_sum_agg';
  /** Those with a number, of the period. */
  readonly numericEventsCount: bigint;
  /** All changes before the period together: not zero only where they carry over. */
  readonly levelBefore: Decimal;
  /** All changes of the period together. */
  readonly sum: Decimal;
  /** Each change of the period times the seconds from it to the end of the period, together. */
  readonly unitSeconds: Decimal;
}

/** Of one bucket and group: the same value in two of them counts in both. */
export interface UniqueCountTotals {
  readonly aggregationType: 'unique_count_agg';
  /** Values that are active at the end of the window. */
  readonly activeCount: bigint;
  /** In no order, those of the history that carries over included; absent where none of them was read. */
  readonly operations?: readonly UniqueOperation[];
}

/** What one event does to a value. */
export interface UniqueOperation extends Pick<TimedValue, 'at' | 'id'> {
  readonly value: string;
  /** `add`, `remove`, or what else was sent. */
  readonly operation: string;
}

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

/** The number of the last event, with what says which event is later. */
export type LatestValue = Pick<TimedValue, 'at' | 'id' | 'value'>;

/** How a billable metric turns events into units. */
export type AggregationType = UsageTotals['aggregationType'];

/** What no events add up to. */
export function noTotals(aggregationType: AggregationType): UsageTotals {
  switch (aggregationType) {
    case 'count_agg':
      return { aggregationType, eventsCount: 0n };
    case 'sum_agg':
      return { aggregationType, numericEventsCount: 0n, sum: ZERO, carriedSum: ZERO };
    case 'max_agg':
      return { aggregationType, numericEventsCount: 0n, max: null };
    case 'latest_agg':
      return { aggregationType, numericEventsCount: 0n, latest: null };
    case 'weighted_sum_agg':
      return { aggregationType, numericEventsCount: 0n, levelBefore: ZERO, sum: ZERO, unitSeconds: ZERO };
    case 'unique_count_agg':
      return { aggregationType, activeCount: 0n };
    default:
      return aggregationType satisfies never;
  }
}

/**
 * What the events of two rows add up to together: 2 events of 5 and 1 of -1 are 3 of 4; a maximum of 7 and one of 5
 * are one of 7.
 *
 * @throws Error when they are of different aggregations: rows of two metrics were mixed.
 */
export function addTotals(one: UsageTotals, other: UsageTotals): UsageTotals {
  if (one.aggregationType !== other.aggregationType) {
    throw new Error(`${one.aggregationType} and ${other.aggregationType} do not add up`);
  }
  switch (one.aggregationType) {
    case 'count_agg':
      return { ...one, eventsCount: one.eventsCount + (other as CountTotals).eventsCount };
    case 'sum_agg':
      return addSums(one, other as SumTotals);
    case 'max_agg':
      return addMaxima(one, other as MaxTotals);
    case 'latest_agg':
      return addLatest(one, other as LatestTotals);
    case 'weighted_sum_agg':
      return addWeightedSums(one, other as WeightedSumTotals);
    case 'unique_count_agg':
      return addUniqueCounts(one, other as UniqueCountTotals);
    default:
      return one satisfies never;
  }
}

const addSums = (one: SumTotals, other: SumTotals): SumTotals => ({
  aggregationType: one.aggregationType,
  numericEventsCount: one.numericEventsCount + other.numericEventsCount,
  sum: one.sum.plus(other.sum),
  carriedSum: one.carriedSum.plus(other.carriedSum),
  ...(one.eventValues && { eventValues: [...one.eventValues, ...(other.eventValues ?? [])] }),
  ...(one.eventAmountCents && { eventAmountCents: one.eventAmountCents.plus(other.eventAmountCents ?? ZERO) }),
});

const addMaxima = (one: MaxTotals, other: MaxTotals): MaxTotals => ({
  aggregationType: one.aggregationType,
  numericEventsCount: one.numericEventsCount + other.numericEventsCount,
  max: one.max && other.max ? Decimal.max(one.max, other.max) : (one.max ?? other.max),
  ...(one.eventValues && { eventValues: [...one.eventValues, ...(other.eventValues ?? [])] }),
});

const addLatest = (one: LatestTotals, other: LatestTotals): LatestTotals => ({
  aggregationType: one.aggregationType,
  numericEventsCount: one.numericEventsCount + other.numericEventsCount,
  latest: one.latest && other.latest ? laterOf(one.latest, other.latest) : (one.latest ?? other.latest),
});

const laterOf = (one: LatestValue, other: LatestValue): LatestValue => (comesBefore(one, other) ? other : one);

/** Events of one moment follow each other in the order in which they arrived (spec, usage 1.3, 3.10). */
export const comesBefore = (one: Pick<TimedValue, 'at' | 'id'>, other: Pick<TimedValue, 'at' | 'id'>): boolean =>
  one.at < other.at || (one.at === other.at && one.id < other.id);

const addWeightedSums = (one: WeightedSumTotals, other: WeightedSumTotals): WeightedSumTotals => ({
  aggregationType: one.aggregationType,
  numericEventsCount: one.numericEventsCount + other.numericEventsCount,
  levelBefore: one.levelBefore.plus(other.levelBefore),
  sum: one.sum.plus(other.sum),
  unitSeconds: one.unitSeconds.plus(other.unitSeconds),
});

const addUniqueCounts = (one: UniqueCountTotals, other: UniqueCountTotals): UniqueCountTotals => ({
  aggregationType: one.aggregationType,
  activeCount: one.activeCount + other.activeCount,
  ...(one.operations && { operations: [...one.operations, ...(other.operations ?? [])] }),
});
