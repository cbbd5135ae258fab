import { ZERO } from '../money/decimal.ts';
import type { Decimal } from '../money/decimal.ts';
import type { UsedAllowance } from './used-allowance.ts';

/** What a charge model prices: the usage of one group of one bucket of a charge in one period. */
export interface ChargeUsage {
  /** Units to price: rounded by the metric, and prorated where the charge is. */
  readonly units: Decimal;
  /** The units before proration; absent where nothing is prorated. */
  readonly fullUnits?: Decimal;
  readonly eventsCount: bigint;
  /**
   * What each event counts, the oldest first; absent where the aggregation has no such values, or none of them was read
   * because the model prices the units alone (`eventFacts`).
   */
  readonly eventValues?: 'one each' | readonly EventValue[];
  /** What events before those of `eventValues` have used of what is free; absent: there were none. */
  readonly usedAllowance?: UsedAllowance;
  /** What each event is worth where it is priced by itself, unless that is what it counts; the oldest first. */
  readonly transactionValues?: readonly EventValue[];
  /** What made the full units, the oldest first, what was there before as one; absent where nothing is prorated. */
  readonly proratedSteps?: readonly ProratedStep[];
  /** What the fee shows as aggregated, unless it is its units. */
  readonly totalAggregatedUnits?: Decimal;
  /** What the events themselves say that they cost, in cents; absent where the model does not ask for it. */
  readonly eventAmountCents?: Decimal;
}

/** What an event adds to the units. */
export interface EventValue {
  readonly value: Decimal;
  /** false: it is of the history that an aggregation carries over. */
  readonly isInPeriod: boolean;
}

/** A change of the units of a prorated charge. */
export interface ProratedStep {
  /** Negative: a removal. */
  readonly full: Decimal;
  /** The same for the part of the period that it lasts. */
  readonly prorated: Decimal;
}

/** What every charge model answers (spec, usage 3.5). */
export interface ChargeAmount {
  /** Currency units, never rounded inside a model. */
  readonly amount: Decimal;
  /** Currency units: the amount divided by the full units, 0 where there are none. */
  readonly unitAmount: Decimal;
  /** How the amount came about, ready for JSON (spec, usage 3.14). */
  readonly amountDetails: Readonly<Record<string, unknown>>;
}

/**
 * The price of one unit, in currency units: of the full units if the charge is prorated, 0 without units (spec, usage
 * 3.5).
 */
export function unitAmount(amount: Decimal, usage: ChargeUsage): Decimal {
  const units = usage.fullUnits ?? usage.units;
  return units.isZero() ? ZERO : amount.div(units);
}
