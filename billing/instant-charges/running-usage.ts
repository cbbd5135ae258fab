import type { ChargePricing } from '../charges/charge-model.ts';
import { Decimal, roundUp, ZERO } from '../money/decimal.ts';

/** What has been paid of a period; levels of the aggregation, in units. */
export interface PaidLevels {
  /** Where the events have brought it. */
  readonly current: Decimal;
  /** The highest level that was paid for. */
  readonly highest: Decimal;
  /** The same as prorated charges count it; 0 for others. */
  readonly highestProrated: Decimal;
}

/**
 * What is known of one group of one bucket of a charge in advance once its events so far are priced (spec, usage 6.3).
 * It has no list that grows with the events, so that the next one costs as much as the first.
 */
export interface RunningUsage {
  /** null: no event of the period is priced yet. */
  readonly paid: PaidLevels | null;
  /** The aggregation, of the whole history where the metric carries over. */
  readonly units: Decimal;
  readonly eventsCount: bigint;
  /** What the events themselves say that they cost, in cents. */
  readonly eventAmountCents: Decimal;
  /** Of the first events, as long as some of them may be free; empty where none can be, or each counts one. */
  readonly firstValues: readonly Decimal[];
}

export const NO_RUNNING_USAGE: RunningUsage = {
  paid: null,
  units: ZERO,
  eventsCount: 0n,
  eventAmountCents: ZERO,
  firstValues: [],
};

/** What one event does to the units of its metric. */
export interface EventUnits {
  /** What it adds; below 0 it takes away. */
  readonly change: Decimal;
  /** Whether the price looks at the number of each event; a count knows that each is 1. */
  readonly hasValue: boolean;
  /** In cents; null: it says nothing. */
  readonly amountCents: Decimal | null;
}

/** An event beside the running usage: what is to be paid for it, and what the usage is after it. */
export interface CountedEvent {
  /** Units that are charged: what exceeds the highest level that was paid for. */
  readonly charged: Decimal;
  /** Units that the fee shows; not always those that are charged. */
  readonly shown: Decimal;
  readonly after: RunningUsage;
}

/** Days of the period that a unit is paid for, and of the whole period; null: the charge is not prorated. */
export type Proration = { readonly days: number; readonly periodDays: number } | null;

/** Digits of prorated units (spec, usage 6.4). */
const PRORATED_DIGITS = 5;

/** Units of a part of a period: one for 20 of 30 days is 0.66667. */
export const proratedUnits = (units: Decimal, proration: Exclude<Proration, null>): Decimal =>
  roundUp(units.times(proration.days).div(proration.periodDays), PRORATED_DIGITS);

/**
 * Counts one event (spec, usage 6.3, steps 2 and 6). Of a sum 10, -4 and 8 are 10, 0 and 4 units to pay: after -4 the
 * sum is 6, and 14 exceeds what was paid by 4.
 */
export function countEvent(
  before: RunningUsage,
  event: EventUnits,
  pricing: ChargePricing,
  proration: Proration,
): CountedEvent {
  const { charged, shown, levels } = levelsAfter(before.paid, event.change);
  const { highestProrated } = before.paid ?? { highestProrated: ZERO };
  return {
    charged,
    shown,
    after: {
      paid: {
        ...levels,
        highestProrated: proration === null ? ZERO : highestProrated.plus(proratedUnits(charged, proration)),
      },
      units: before.units.plus(event.change),
      eventsCount: before.eventsCount + 1n,
      eventAmountCents: before.eventAmountCents.plus(event.amountCents ?? ZERO),
      firstValues: event.hasValue ? withValue(before.firstValues, event.change, pricing) : before.firstValues,
    },
  };
}

interface LevelsAfter {
  readonly charged: Decimal;
  readonly shown: Decimal;
  readonly levels: Omit<PaidLevels, 'highestProrated'>;
}

function levelsAfter(paid: PaidLevels | null, change: Decimal): LevelsAfter {
  const applied = Decimal.max(change, ZERO);
  if (paid === null) return { charged: applied, shown: applied, levels: { current: change, highest: change } };
  const current = paid.current.plus(change);
  if (current.lte(paid.highest)) return { charged: ZERO, shown: applied, levels: { current, highest: paid.highest } };
  const charged = current.minus(paid.highest);
  // After a period that began below 0 the spec counts from there (usage 6.3, its quirk).
  const highest = paid.highest.lt(0) ? charged : current;
  return { charged, shown: charged, levels: { current, highest } };
}

/** The first values with one more, while free events or units may be left. */
function withValue(values: readonly Decimal[], value: Decimal, pricing: ChargePricing): readonly Decimal[] {
  return isAllowanceUsedUp(values, pricing) ? values : [...values, value];
}

/** Whether every further event is paid for in full, whatever it counts. */
export function isAllowanceUsedUp(values: readonly Decimal[], pricing: ChargePricing): boolean {
  if (pricing.chargeModel !== 'percentage') return true;
  const { freeEvents, freeUnits } = pricing;
  if (values.length < freeEvents) return false;
  if (freeUnits.isZero()) return true;
  let sum = ZERO;
  return values.some((value) => (sum = sum.plus(value)).gt(freeUnits));
}
