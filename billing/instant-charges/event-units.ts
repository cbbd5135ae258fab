import { Decimal, ZERO } from '../money/decimal.ts';
import type { AggregationType } from '../usage/usage-totals.ts';
import type { CountedItem, EventUnits } from './running-usage.ts';

/** What is read of an event. */
export interface ReadEvent {
  /** The number in the metric's field; null: it holds none. */
  readonly value: Decimal | null;
  /** What it says that it costs, in cents; null: nothing. */
  readonly amountCents: Decimal | null;
}

const ONE = new Decimal(1);

/**
 * What an event adds to the units of a metric: of a count 1, of a sum its number; null where the metric does not count
 * it (spec, usage 1.3, 6.3). What a unique count makes of its item is seen when it is counted.
 */
export function eventUnits(
  aggregationType: AggregationType,
  { value, amountCents }: ReadEvent,
  item: CountedItem | null,
): EventUnits | null {
  switch (aggregationType) {
    case 'count_agg':
      return { change: ONE, hasValue: false, amountCents: null };
    case 'sum_agg':
      return value === null ? null : { change: value, hasValue: true, amountCents };
    case 'unique_count_agg':
      return item && { change: ZERO, hasValue: false, amountCents: null, item };
    case 'max_agg':
    case 'latest_agg':
    case 'weighted_sum_agg':
      throw new Error(`single events of ${aggregationType} are not charged`);
    default:
      return aggregationType satisfies never;
  }
}
