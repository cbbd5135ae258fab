import type { ChargePricing } from '../charges/charge-model.ts';
import { unusedAllowance, withEvent, type UsedAllowance } from '../charges/used-allowance.ts';
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
  /** What its events have used of what is free; null: nothing yet, or nothing can be. */
  readonly usedAllowance: UsedAllowance | null;
}

const ONE = new Decimal(1);
const MINUS_ONE = new Decimal(-1);

export const NO_RUNNING_USAGE: RunningUsage = {
  paid: null,
  units: ZERO,
  eventsCount: 0n,
  eventAmountCents: ZERO,
  usedAllowance: null,
};

/** What one event does to the units of its metric. */
export interface EventUnits {
  /** What it adds; below 0 it takes away. */
  readonly change: Decimal;
  /** Whether the price looks at the number of each event; a count knows that each is 1. */
  readonly hasValue: boolean;
  /** In cents; null: it says nothing. */
  readonly amountCents: Decimal | null;
  /** Of a unique count: what is added or removed; its change follows from whether that is there (`itemChange`). */
  readonly item?: CountedItem;
}

/** A value that is counted once, however often it is added. */
export interface CountedItem {
  /** What it is counted in: the running usage of its period, or of all periods where the metric carries over. */
  readonly ownerId: string;
  readonly value: string;
  /** false: it removes the value. */
  readonly isAdded: boolean;
}

/**
 * What adding or removing a value does to a unique count (spec, usage 6.3). Added while it is not there: 1; removed
 * while it is: -1; else nothing.
 */
export const itemChange = ({ isAdded }: Pick<CountedItem, 'isAdded'>, isThere: boolean): Decimal => {
  if (isAdded === isThere) return ZERO;
  return isAdded ? ONE : MINUS_ONE;
};

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
  const { charged, shown, levels } = levelsAfter(before.paid, event);
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
      // The events of a unique count are its units (spec, usage 1.3).
      eventsCount: before.eventsCount + (event.item ? BigInt(event.change.toFixed()) : 1n),
      eventAmountCents: before.eventAmountCents.plus(event.amountCents ?? ZERO),
      usedAllowance: event.hasValue ? allowanceAfter(before.usedAllowance, event.change, pricing) : null,
    },
  };
}

interface LevelsAfter {
  readonly charged: Decimal;
  readonly shown: Decimal;
  readonly levels: Omit<PaidLevels, 'highestProrated'>;
}

function levelsAfter(paid: PaidLevels | null, { change, item }: EventUnits): LevelsAfter {
  const applied = Decimal.max(change, ZERO);
  if (paid === null) {
    // A count that begins with a removal begins at nothing, a sum below it (spec, usage 6.3, step 2).
    const first = item ? applied : change;
    return { charged: applied, shown: applied, levels: { current: first, highest: first } };
  }
  const current = paid.current.plus(change);
  if (current.lte(paid.highest)) return { charged: ZERO, shown: applied, levels: { current, highest: paid.highest } };
  const charged = current.minus(paid.highest);
  // After a period that began below 0 the spec counts from there (usage 6.3, its quirk).
  const highest = paid.highest.lt(0) ? charged : current;
  return { charged, shown: charged, levels: { current, highest } };
}

/** What is free is used up by values; of a price that leaves nothing free there is nothing to know. */
export function allowanceAfter(
  used: UsedAllowance | null,
  value: Decimal,
  pricing: ChargePricing,
): UsedAllowance | null {
  if (pricing.chargeModel !== 'percentage') return null;
  if (pricing.freeEvents === 0 && pricing.freeUnits.isZero()) return null;
  return withEvent(used ?? unusedAllowance(pricing), value, pricing);
}

/**
 * Where a period begins that has been paid for already, with all units that were there when it began (spec, usage 6.6;
 * decisions): only what exceeds them is to be paid. 5 seats: one removed and another one added cost nothing.
 */
export const renewedUsage = (usage: RunningUsage): RunningUsage => {
  const { units } = usage;
  return { ...usage, paid: { current: units, highest: Decimal.max(units, ZERO), highestProrated: units } };
};
