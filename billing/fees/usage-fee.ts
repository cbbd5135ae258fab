import { amountToCents, amountToPreciseCents } from '../money/cents.ts';
import { subunitFactor } from '../money/currency.ts';
import type { Currency } from '../money/currency.ts';
import { PRECISE_DIGITS, roundHalfAwayFromZero, ZERO } from '../money/decimal.ts';
import type { Decimal } from '../money/decimal.ts';
import type { ChargeUsage } from '../charges/charge-amount.ts';
import { priceUnits } from '../charges/charge-model.ts';
import type { ChargePricing } from '../charges/charge-model.ts';
import { roundUnits } from '../usage/metric-rounding.ts';
import type { MetricRounding } from '../usage/metric-rounding.ts';
import type { FeeAmounts } from './fee.ts';

export interface UsageFeeFacts {
  /** Straight from the aggregation: not rounded, possibly negative. */
  readonly usage: ChargeUsage;
  readonly rounding: MetricRounding;
  readonly pricing: ChargePricing;
  readonly currency: Currency;
}

/**
 * The numbers of a fee for usage: full units, also where the amount comes from prorated ones; cents a unit truncated.
 */
export interface UsageFee extends FeeAmounts {
  readonly eventsCount: bigint;
  /** The units, except for sums weighted by time: their level at the end of the period (spec, usage 1.5). */
  readonly totalAggregatedUnits: Decimal;
  readonly amountDetails: Readonly<Record<string, unknown>>;
}

/**
 * Prices the usage of one group of one bucket in one period, rounding to cents once (spec, usage 10). A fee is never
 * negative (1.3).
 */
export function usageFee({ usage, rounding, pricing, currency }: UsageFeeFacts): UsageFee {
  const units = roundUnits(usage.units, rounding);
  const fullUnits = usage.fullUnits && roundUnits(usage.fullUnits, rounding);
  const { eventsCount } = usage;
  const price = priceUnits(pricing, { ...usage, units, ...(fullUnits && { fullUnits }) }, currency);
  if ([units, fullUnits ?? ZERO, price.amount].some((value) => value.lt(0))) return nothing(eventsCount);
  return {
    units: fullUnits ?? units,
    eventsCount,
    totalAggregatedUnits: usage.totalAggregatedUnits ?? fullUnits ?? units,
    amountCents: amountToCents(price.amount, currency),
    preciseAmountCents: amountToPreciseCents(price.amount, currency),
    unitAmountCents: BigInt(price.unitAmount.times(subunitFactor(currency)).trunc().toFixed()),
    preciseUnitAmount: roundHalfAwayFromZero(price.unitAmount, PRECISE_DIGITS),
    amountDetails: price.amountDetails,
  };
}

function nothing(eventsCount: bigint): UsageFee {
  return {
    units: ZERO,
    eventsCount,
    totalAggregatedUnits: ZERO,
    amountCents: 0n,
    preciseAmountCents: ZERO,
    unitAmountCents: 0n,
    preciseUnitAmount: ZERO,
    amountDetails: {},
  };
}

/** Whether an invoice keeps the fee: not if units, cents and events are all 0 (spec, usage 4.6). */
export function isStored(fee: Pick<UsageFee, 'units' | 'amountCents' | 'eventsCount'>): boolean {
  return !fee.units.isZero() || fee.amountCents !== 0n || fee.eventsCount !== 0n;
}
