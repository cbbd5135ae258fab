import { ZERO } from '../money/decimal.ts';
import type { Decimal } from '../money/decimal.ts';
import type { ChargeUsage } from '../charges/charge-amount.ts';
import { priceUnits } from '../charges/charge-model.ts';
import type { ChargePricing } from '../charges/charge-model.ts';
import { pricedAmounts, type PricedAmounts, type PriceMoney } from '../charges/pricing-unit.ts';
import { roundUnits } from '../usage/metric-rounding.ts';
import type { MetricRounding } from '../usage/metric-rounding.ts';

export interface UsageFeeFacts {
  /** Straight from the aggregation: not rounded, possibly negative. */
  readonly usage: ChargeUsage;
  readonly rounding: MetricRounding;
  readonly pricing: ChargePricing;
  readonly money: PriceMoney;
}

/**
 * The numbers of a fee for usage: full units, also where the amount comes from prorated ones; cents a unit truncated.
 */
export interface UsageFee extends PricedAmounts {
  readonly units: Decimal;
  readonly eventsCount: bigint;
  /** The units, except for sums weighted by time: their level at the end of the period (spec, usage 1.5). */
  readonly totalAggregatedUnits: Decimal;
  readonly amountDetails: Readonly<Record<string, unknown>>;
}

/**
 * Prices the usage of one group of one bucket in one period, rounding to cents once (spec, usage 10). A fee is never
 * negative (1.3).
 */
export function usageFee({ usage, rounding, pricing, money }: UsageFeeFacts): UsageFee {
  const units = roundUnits(usage.units, rounding);
  const fullUnits = usage.fullUnits && roundUnits(usage.fullUnits, rounding);
  const { eventsCount } = usage;
  const price = priceUnits(pricing, { ...usage, units, ...(fullUnits && { fullUnits }) }, money);
  if ([units, fullUnits ?? ZERO, price.amount].some((value) => value.lt(0))) return nothing(eventsCount, money);
  return {
    units: fullUnits ?? units,
    eventsCount,
    totalAggregatedUnits: usage.totalAggregatedUnits ?? fullUnits ?? units,
    ...pricedAmounts(price.amount, price.unitAmount, money),
    amountDetails: price.amountDetails,
  };
}

function nothing(eventsCount: bigint, money: PriceMoney): UsageFee {
  return {
    units: ZERO,
    eventsCount,
    totalAggregatedUnits: ZERO,
    ...pricedAmounts(ZERO, ZERO, money),
    amountDetails: {},
  };
}

/** Whether an invoice keeps the fee: not if units, cents and events are all 0 (spec, usage 4.6). */
export function isStored(fee: Pick<UsageFee, 'units' | 'amountCents' | 'eventsCount'>): boolean {
  return !fee.units.isZero() || fee.amountCents !== 0n || fee.eventsCount !== 0n;
}
