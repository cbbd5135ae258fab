import { Decimal, plainDecimal, ZERO } from '../money/decimal.ts';
import { unitAmount } from './charge-amount.ts';
import type { ChargeAmount, ChargeUsage } from './charge-amount.ts';
import { transactionAmounts, type TransactionPricing } from './transaction-amounts.ts';
import { isLookedThrough, unusedAllowance, withEvent } from './used-allowance.ts';

/** A percentage of the units, which are money, and an amount for each event. */
export interface PercentagePricing extends TransactionPricing {
  readonly chargeModel: 'percentage';
}

/** Whether what a percentage charge asks depends on its single events, and not on their sum and count alone. */
export const looksAtEvents = ({ freeEvents, freeUnits, minimum, maximum }: PercentagePricing): boolean =>
  freeEvents > 0 || !freeUnits.isZero() || minimum !== null || maximum !== null;

const PERCENT = 100;

/**
 * A rate of the units that are not free, and the fixed amount for each event that is not: 800 units of 4 events at
 * 1.3% and 2, 250 units free, which are 2 events, cost 7.15 + 4 (spec, usage 3.10). With a minimum or maximum each
 * event is priced by itself.
 */
export function pricePercentage(pricing: PercentagePricing, usage: ChargeUsage): ChargeAmount {
  const { units } = usage;
  const eventsCount = new Decimal(usage.eventsCount.toString());
  const free = freeAllowance(pricing, usage);
  const paidUnits = Decimal.max(units.minus(free.units), ZERO);
  const percentagePart = paidUnits.times(pricing.rate).div(PERCENT);
  const freeEvents = Decimal.min(free.events, eventsCount);
  const paidEvents = eventsCount.minus(freeEvents);
  const fixedPart = units.isZero() ? ZERO : paidEvents.times(pricing.fixedAmount);
  const plain = percentagePart.plus(fixedPart);
  const isBounded = pricing.minimum !== null || pricing.maximum !== null;
  const amount = isBounded ? transactionAmounts(pricing, usage) : plain;
  return {
    amount,
    unitAmount: unitAmount(amount, usage),
    amountDetails: {
      units: plainDecimal(units),
      free_units: plainDecimal(units.minus(paidUnits)),
      free_events: freeEvents.toNumber(),
      paid_units: plainDecimal(paidUnits),
      rate: plainDecimal(pricing.rate),
      per_unit_total_amount: plainDecimal(percentagePart),
      paid_events: paidEvents.toNumber(),
      fixed_fee_unit_amount: plainDecimal(pricing.fixedAmount),
      fixed_fee_total_amount: plainDecimal(fixedPart),
      min_max_adjustment_total_amount: plainDecimal(amount.minus(plain)),
    },
  };
}

/** The units and events that cost nothing (spec, usage 3.10, 1 and 2). */
function freeAllowance(pricing: PercentagePricing, usage: ChargeUsage): { units: Decimal; events: Decimal } {
  const totals = runningTotals(pricing, usage);
  const { freeEvents, freeUnits } = pricing;
  const candidates = [new Decimal(freeEvents), totals.below].filter((count) => count.gt(0));
  const events = candidates.length === 0 ? ZERO : Decimal.min(...candidates);
  if (totals.last.isZero()) return { units: ZERO, events };
  if (totals.atFreeEvents !== null) return { units: totals.atFreeEvents, events };
  return { units: freeUnits.isZero() ? totals.last : Decimal.min(totals.last, freeUnits), events };
}

/** What the free units and events follow from: the events' values added up one after the other. */
interface RunningTotals {
  /** After the last event that is looked at; 0 without any. */
  readonly last: Decimal;
  /** After as many events as are free, where there are more of them; else null. */
  readonly atFreeEvents: Decimal | null;
  /** How many of the totals lie below the free units; a total of just that much is already paid for. */
  readonly below: Decimal;
}

const NO_TOTALS: RunningTotals = { last: ZERO, atFreeEvents: null, below: ZERO };

function runningTotals(
  pricing: PercentagePricing,
  { eventValues, eventsCount, usedAllowance = unusedAllowance(pricing) }: ChargeUsage,
): RunningTotals {
  const isAnyFree = pricing.freeEvents > 0 || !pricing.freeUnits.isZero();
  if (eventValues === undefined || !isAnyFree) return NO_TOTALS;
  if (eventValues === 'one each') return totalsOfOnes(pricing, eventsCount);
  let used = usedAllowance;
  for (const { value } of eventValues) {
    if (isLookedThrough(used, pricing)) break;
    used = withEvent(used, value, pricing);
  }
  return { last: used.total, atFreeEvents: null, below: new Decimal(used.below) };
}

/** The totals are 1, 2, 3 and so on, none of which has to be looked at. */
function totalsOfOnes({ freeEvents, freeUnits }: PercentagePricing, eventsCount: bigint): RunningTotals {
  const last = new Decimal(eventsCount.toString());
  return {
    last,
    atFreeEvents: freeEvents > 0 && last.gt(freeEvents) ? new Decimal(freeEvents) : null,
    below: Decimal.min(last, Decimal.max(freeUnits.ceil().minus(1), ZERO)),
  };
}
