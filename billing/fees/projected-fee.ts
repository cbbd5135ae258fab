import { roundToCents } from '../money/cents.ts';
import type { Currency } from '../money/currency.ts';
import { Decimal, roundHalfAwayFromZero, ZERO } from '../money/decimal.ts';
import { days } from '../calendar/days.ts';
import type { ChargePricing } from '../charges/charge-model.ts';
import { priceUnits } from '../charges/charge-model.ts';
import { pricedAmounts } from '../charges/pricing-unit.ts';
import type { UsagePeriod } from '../usage/usage-period.ts';
import type { UsageFee } from './usage-fee.ts';

/** What a fee will be at the end of the period if usage goes on as it has. */
export interface Projection {
  readonly units: Decimal;
  readonly amountCents: bigint;
  /** The same in hundredths of the charge's pricing unit; null: it has none (spec, usage 11). */
  readonly pricingUnitCents: bigint | null;
}

const UNIT_DIGITS = 2;
const WHOLE = new Decimal(1);

/**
 * The part of a period that has passed, today included (spec, usage 7.3): on 10 March it is 10/31 of a whole March; 1
 * from its last day on.
 */
export function passedPart({ from, to, timeZone }: Pick<UsagePeriod, 'from' | 'to' | 'timeZone'>, now: Date): Decimal {
  const whole = days(from, to, timeZone);
  const passed = Math.max(days(from, now, timeZone), 1);
  return passed >= whole ? WHOLE : new Decimal(passed).div(whole);
}

/** Units drawn out to the whole period, to two decimals and never below zero: 10 after 10 of 31 days are 31. */
export const projectedUnits = (units: Decimal, part: Decimal): Decimal =>
  Decimal.max(roundHalfAwayFromZero(units.div(part), UNIT_DIGITS), ZERO);

/**
 * Usage drawn out to the whole period (spec, usage 7.3). Models that price units price the projected ones; what depends
 * on single events grows in proportion. 10 units at 2.00 after 10 of 31 days: 31 units, 6200 cents.
 *
 * @param part as `passedPart` answers it.
 */
export function projectedFee(
  fee: Pick<UsageFee, 'units' | 'amountCents' | 'preciseAmountCents' | 'pricingUnit'>,
  pricing: ChargePricing,
  part: Decimal,
  currency: Currency,
): Projection {
  const units = projectedUnits(fee.units, part);
  const money = { currency, pricingUnit: fee.pricingUnit };
  switch (pricing.chargeModel) {
    case 'standard':
    case 'package':
    case 'volume':
    case 'graduated': {
      // Nobody will have reached the first range, whose flat amount a bill would hold.
      if (units.isZero()) return { units, amountCents: 0n, pricingUnitCents: fee.pricingUnit && 0n };
      const { amount } = priceUnits(pricing, { units, eventsCount: 0n }, money);
      const priced = pricedAmounts(Decimal.max(amount, ZERO), ZERO, money);
      return { units, amountCents: priced.amountCents, pricingUnitCents: priced.pricingUnit?.amountCents ?? null };
    }
    case 'percentage':
    case 'graduated_percentage':
    case 'dynamic':
      return {
        units,
        amountCents: atLeastNothing(roundToCents(fee.preciseAmountCents.div(part))),
        pricingUnitCents: fee.pricingUnit && atLeastNothing(roundToCents(fee.pricingUnit.preciseAmountCents.div(part))),
      };
    default:
      return pricing satisfies never;
  }
}

/** Of a recurring metric, whose units stay: what there is (spec, usage 7.3). */
export const unchangedFee = ({
  units,
  amountCents,
  pricingUnit,
}: Pick<UsageFee, 'units' | 'amountCents' | 'pricingUnit'>): Projection => ({
  units,
  amountCents,
  pricingUnitCents: pricingUnit && pricingUnit.amountCents,
});

const atLeastNothing = (cents: bigint): bigint => (cents < 0n ? 0n : cents);
