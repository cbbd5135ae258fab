import type { ChargeUsage, EventValue } from '../charges/charge-amount.ts';
import { Decimal, ZERO } from '../money/decimal.ts';
import {
  comesBefore,
  type AggregationType,
  type MaxTotals,
  type TimedValue,
  type UsageTotals,
} from './usage-totals.ts';
import type { UsagePeriod } from './usage-period.ts';
import { proratedSum } from './prorated-sum.ts';
import { proratedUniqueCount } from './prorated-unique-count.ts';
import { weightedUnits } from './weighted-sum.ts';

/** What the aggregation must know of a billable metric. */
export interface AggregatedMetric {
  readonly aggregationType: AggregationType;
  readonly recurring: boolean;
}

/**
 * Units and events of a fee, not rounded yet: the metric's rounding follows in `billing/fees/usage-fee.ts` (spec,
 * usage 1.3).
 *
 * 5 events, 3 of them with a number, that sum to 12.5: a count has 5 units of 5 events, a sum 12.5 units of 3 events.
 */
export function aggregate(totals: UsageTotals, period: UsagePeriod, isProrated = false): ChargeUsage {
  if (isProrated && totals.aggregationType === 'sum_agg') return proratedSum(totals, period);
  if (isProrated && totals.aggregationType === 'unique_count_agg') return proratedUniqueCount(totals, period);
  switch (totals.aggregationType) {
    case 'count_agg':
      return { ...onesOf(totals.eventsCount), units: new Decimal(totals.eventsCount.toString()) };
    case 'sum_agg':
      return {
        units: totals.sum,
        eventsCount: totals.numericEventsCount,
        ...(totals.eventValues && { eventValues: oldestFirst(totals.eventValues).map(toEventValue) }),
        ...(totals.eventAmountCents && { eventAmountCents: totals.eventAmountCents }),
      };
    case 'max_agg':
      return {
        units: totals.max ?? ZERO,
        eventsCount: totals.numericEventsCount,
        ...(totals.eventValues && { transactionValues: valuesOfMaximum(totals, totals.eventValues) }),
      };
    case 'latest_agg':
      return {
        units: Decimal.max(totals.latest?.value ?? ZERO, ZERO),
        eventsCount: totals.numericEventsCount,
      };
    case 'weighted_sum_agg':
      return weightedUnits(totals, period);
    case 'unique_count_agg':
      return { ...onesOf(totals.activeCount), units: new Decimal(totals.activeCount.toString()) };
    default:
      return totals satisfies never;
  }
}

/** Each event counts one. More values may have been removed than were ever added; fewer than none are none. */
const onesOf = (count: bigint): Pick<ChargeUsage, 'eventsCount' | 'eventValues'> => ({
  eventsCount: count < 0n ? 0n : count,
  eventValues: 'one each',
});

const oldestFirst = (values: readonly TimedValue[]): readonly TimedValue[] =>
  values.toSorted((one, other) => (comesBefore(one, other) ? -1 : 1));

const toEventValue = ({ value, isInPeriod }: TimedValue): EventValue => ({ value, isInPeriod });

/** The first event that reached the maximum is worth it, the others nothing (spec, usage 3.10). */
function valuesOfMaximum({ max }: MaxTotals, values: readonly TimedValue[]): readonly EventValue[] {
  const inOrder = oldestFirst(values);
  const first = inOrder.find(({ value }) => max !== null && value.eq(max));
  return inOrder.map((one) => ({ value: one === first ? one.value : ZERO, isInPeriod: one.isInPeriod }));
}

const CARRYING: readonly AggregationType[] = ['sum_agg', 'unique_count_agg', 'weighted_sum_agg'];

/**
 * Whether the whole history counts, that of earlier subscriptions with the same external id included (spec, usage 1.3).
 */
export const carriesOver = ({ aggregationType, recurring }: AggregatedMetric): boolean =>
  recurring && CARRYING.includes(aggregationType);
