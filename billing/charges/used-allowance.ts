import { ZERO, type Decimal } from '../money/decimal.ts';

/**
 * What the events at the beginning of a period have used of what a percentage charge leaves free (spec, usage 3.10). It
 * says of them all that the price of the next one depends on, so that nobody has to keep them one by one.
 */
export interface UsedAllowance {
  /** How many were looked at for free events and units. */
  readonly looked: number;
  /** Their values together. */
  readonly total: Decimal;
  /** How often their values, added up one after the other, were below the free units. */
  readonly below: number;
  /** Free units that are left where each event is priced by itself. */
  readonly left: Decimal;
}

/** What a percentage charge leaves free at the beginning of a period; 0: nothing. */
interface Allowance {
  readonly freeEvents: number;
  readonly freeUnits: Decimal;
}

/** Before any event. */
export const unusedAllowance = ({ freeUnits }: Allowance): UsedAllowance => ({
  looked: 0,
  total: ZERO,
  below: 0,
  left: freeUnits,
});

/**
 * The same after one more event. As many events are looked at as are free; where only units are, those up to the one
 * that exceeds them. Of 120 free units, 100 and 10 and 20: three are looked at, which are 130, two of them below 120.
 */
export function withEvent(used: UsedAllowance, value: Decimal, { freeEvents, freeUnits }: Allowance): UsedAllowance {
  const left = used.left.gt(value) && !used.left.isZero() ? used.left.minus(value) : ZERO;
  if (isLookedThrough(used, { freeEvents, freeUnits })) return { ...used, left };
  const total = used.total.plus(value);
  return { looked: used.looked + 1, total, below: used.below + (total.lt(freeUnits) ? 1 : 0), left };
}

/** Whether no further event is looked at for free ones: 2 free events after the second. */
export const isLookedThrough = ({ looked, total }: UsedAllowance, { freeEvents, freeUnits }: Allowance): boolean =>
  freeEvents > 0 ? looked >= freeEvents : total.gt(freeUnits);
