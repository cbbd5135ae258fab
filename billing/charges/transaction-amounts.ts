import { Decimal, ZERO } from '../money/decimal.ts';
import type { ChargeUsage, EventValue } from './charge-amount.ts';
import { unusedAllowance, type UsedAllowance } from './used-allowance.ts';

/** What a percentage charge asks for its events. */
export interface TransactionPricing {
  /** Percent: 1.5 of 200 are 3. */
  readonly rate: Decimal;
  /** Currency units for each event that is not free. */
  readonly fixedAmount: Decimal;
  /** How many events at the beginning of a period are free; 0: none. */
  readonly freeEvents: number;
  /** How many units at the beginning of a period are free; 0: none. */
  readonly freeUnits: Decimal;
  /** Currency units that each event costs at least; null: no such bound. */
  readonly minimum: Decimal | null;
  /** Currency units that each event costs at most; null: no such bound. */
  readonly maximum: Decimal | null;
}

const PERCENT = 100;
const ONE = new Decimal(1);

/**
 * What the events of a period cost where each of them costs a minimum or maximum: 10, 80 and 10,000 at 2.99%, at least
 * 1.75 and at most 12, cost 1.75 + 2.392 + 12 (spec, usage 3.10).
 */
export function transactionAmounts(pricing: TransactionPricing, usage: ChargeUsage): Decimal {
  const { eventValues, eventsCount, transactionValues, usedAllowance = unusedAllowance(pricing) } = usage;
  if (eventValues === 'one each') return amountOfOnes(pricing, eventsCount);
  const inPeriod = (transactionValues ?? eventValues ?? []).filter(({ isInPeriod }) => isInPeriod);
  const paid = valuesAboveFree(pricing, inPeriod, usedAllowance);
  return paid.reduce((sum, value) => sum.plus(amountOfOne(pricing, value)), ZERO);
}

/**
 * What is left to pay of each event, free ones left out. Where units are free, they alone decide: how many events are
 * then does not matter. With 30 units free, 10, 80 and 10,000 leave 60 and 10,000.
 */
function valuesAboveFree(
  { freeEvents, freeUnits }: TransactionPricing,
  values: readonly EventValue[],
  { looked, left }: UsedAllowance,
): Decimal[] {
  if (freeUnits.isZero()) return values.slice(Math.max(freeEvents - looked, 0)).map(({ value }) => value);
  let remaining = left;
  return values.flatMap(({ value }) => {
    if (remaining.isZero()) return [value];
    if (remaining.gt(value)) {
      remaining = remaining.minus(value);
      return [];
    }
    const paid = value.minus(remaining);
    remaining = ZERO;
    return [paid];
  });
}

/** The same for events of one unit each, however many: at most one of them is free in part. */
function amountOfOnes(pricing: TransactionPricing, eventsCount: bigint): Decimal {
  const { freeEvents, freeUnits } = pricing;
  const count = new Decimal(eventsCount.toString());
  if (freeUnits.isZero()) return amountOfOne(pricing, ONE).times(Decimal.max(count.minus(freeEvents), ZERO));
  // The last of the free units are those of an event that is paid for, be it with nothing but the fixed amount.
  const freeInFull = freeUnits.ceil().minus(1);
  if (count.lte(freeInFull)) return ZERO;
  const partlyFree = ONE.minus(freeUnits.minus(freeInFull));
  const rest = count.minus(freeInFull).minus(1);
  return amountOfOne(pricing, partlyFree).plus(amountOfOne(pricing, ONE).times(rest));
}

function amountOfOne({ rate, fixedAmount, minimum, maximum }: TransactionPricing, value: Decimal): Decimal {
  const amount = value.times(rate).div(PERCENT).plus(fixedAmount);
  const raised = minimum === null ? amount : Decimal.max(amount, minimum);
  return maximum === null ? raised : Decimal.min(raised, maximum);
}
