import type { ChargeAmount, ChargeUsage, EventValue } from '../charges/charge-amount.ts';
import { priceUnits, type ChargePricing } from '../charges/charge-model.ts';
import { pricedAmounts, subunitsOf, type PricedAmounts, type PriceMoney } from '../charges/pricing-unit.ts';
import { roundToCents } from '../money/cents.ts';
import { Decimal, plainDecimal, ZERO } from '../money/decimal.ts';
import { countEvent, proratedUnits, type EventUnits, type Proration, type RunningUsage } from './running-usage.ts';

export interface InstantFeeFacts {
  readonly before: RunningUsage;
  readonly event: EventUnits;
  readonly pricing: ChargePricing;
  readonly proration: Proration;
  readonly money: PriceMoney;
}

/** What one event costs at once, and the usage after it. */
export interface InstantFee extends PricedAmounts {
  readonly units: Decimal;
  readonly amountDetails: Readonly<Record<string, unknown>>;
  readonly after: RunningUsage;
}

/**
 * Prices one event of a charge in advance: the price of all units with it, less the price without it (spec, usage 6.3).
 * So the fees of a period add up to the price of its units, wherever tiers and packages begin.
 *
 * A package of 2 units for 100.00, 3 units free: events of 3, 1 and 2 units cost 0, 10000 and 10000 cents.
 */
export function instantFee({ before, event, pricing, proration, money }: InstantFeeFacts): InstantFee {
  const { charged, shown, after } = countEvent(before, event, pricing, proration);
  const price =
    proration === null
      ? difference(
          { before, event, after, charged },
          (usage) => priceUnits(pricing, usage, money),
          isDueWithoutUnits(pricing),
        )
      : priceUnits(pricing, { units: proratedUnits(charged, proration), eventsCount: 1n }, money);
  return { units: shown, ...feeAmounts(price.amount, shown, money), amountDetails: detailsOf(pricing, price), after };
}

interface Step {
  readonly before: RunningUsage;
  readonly event: EventUnits;
  readonly after: RunningUsage;
  readonly charged: Decimal;
}

type Price = Pick<ChargeAmount, 'amount' | 'amountDetails'> & { readonly without: ChargeAmount['amountDetails'] };

function difference(
  { before, event, after, charged }: Step,
  priceOf: (usage: ChargeUsage) => ChargeAmount,
  isDue: boolean,
): Price {
  const allowance = before.usedAllowance === null ? {} : { usedAllowance: before.usedAllowance };
  const whole = priceOf({
    ...allowance,
    units: after.units,
    eventsCount: after.eventsCount,
    eventValues: event.hasValue ? [inPeriod(event.change)] : 'one each',
    eventAmountCents: after.eventAmountCents,
  });
  const units = after.units.minus(charged);
  // The first event of a period pays the first flat amount, which is due without units already.
  if (isDue && units.isZero() && before.paid === null) {
    return { amount: whole.amount, amountDetails: whole.amountDetails, without: {} };
  }
  const without = priceOf({
    ...allowance,
    units,
    // Of a unique count each unit is an event.
    eventsCount: after.eventsCount - (event.item ? BigInt(charged.toFixed()) : 1n),
    eventValues: event.hasValue ? [] : 'one each',
    eventAmountCents: before.eventAmountCents,
  });
  return {
    amount: whole.amount.minus(without.amount),
    amountDetails: whole.amountDetails,
    without: without.amountDetails,
  };
}

const inPeriod = (value: Decimal): EventValue => ({ value, isInPeriod: true });

const isDueWithoutUnits = ({ chargeModel }: ChargePricing): boolean =>
  chargeModel === 'graduated' || chargeModel === 'graduated_percentage';

/** A fee is never negative (spec, usage 1.3). One unit costs its part of the amount as it was rounded (10). */
function feeAmounts(asked: Decimal, units: Decimal, money: PriceMoney): PricedAmounts {
  const amount = Decimal.max(asked, ZERO);
  const subunits = subunitsOf(money);
  const rounded = new Decimal(roundToCents(amount.times(subunits))).div(subunits);
  return pricedAmounts(amount, units.isZero() ? ZERO : rounded.div(units), money);
}

/** What the details of one event keep from those of all: prices and bounds. Everything else is a difference. */
const KEPT = new Set(['rate', 'fixed_fee_unit_amount', 'from_value', 'to_value']);

type Details = Readonly<Record<string, unknown>>;

/** Only two models tell how the amount of an event came about (spec, usage 6.3, step 7). */
function detailsOf({ chargeModel }: ChargePricing, price: ChargeAmount | Price): Details {
  const without = 'without' in price ? price.without : {};
  switch (chargeModel) {
    case 'percentage':
      return detailsBetween(price.amountDetails, without);
    case 'graduated_percentage': {
      const name = 'graduated_percentage_ranges';
      const before = rangesOf(without[name]);
      return {
        [name]: rangesOf(price.amountDetails[name]).map((range, at) => detailsBetween(range, before[at] ?? {})),
      };
    }
    case 'standard':
    case 'graduated':
    case 'package':
    case 'volume':
    case 'dynamic':
      return {};
    default:
      return chargeModel satisfies never;
  }
}

const rangesOf = (ranges: unknown): readonly Details[] => (Array.isArray(ranges) ? (ranges as Details[]) : []);

const detailsBetween = (whole: Details, without: Details): Details =>
  Object.fromEntries(
    Object.entries(whole).map(([name, value]) => [name, KEPT.has(name) ? value : minus(value, without[name])]),
  );

const minus = (value: unknown, other: unknown): string =>
  plainDecimal(new Decimal(value as Decimal.Value).minus((other as Decimal.Value | undefined) ?? 0));
