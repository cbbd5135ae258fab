import type { ChargeAmount, ChargeUsage } from './charge-amount.ts';
import { priceDynamic } from './dynamic.ts';
import type { DynamicPricing } from './dynamic.ts';
import { priceGraduatedPercentage } from './graduated-percentage.ts';
import type { GraduatedPercentagePricing } from './graduated-percentage.ts';
import { priceGraduated } from './graduated.ts';
import type { GraduatedPricing } from './graduated.ts';
import { pricePackage } from './package.ts';
import type { PackagePricing } from './package.ts';
import { looksAtEvents, pricePercentage } from './percentage.ts';
import type { PercentagePricing } from './percentage.ts';
import type { PriceMoney } from './pricing-unit.ts';
import { priceProratedGraduated } from './prorated-graduated.ts';
import { priceStandard } from './standard.ts';
import type { StandardPricing } from './standard.ts';
import { priceVolume } from './volume.ts';
import type { VolumePricing } from './volume.ts';

/** How a charge turns units into money, read from its properties (`properties.ts`). */
export type ChargePricing =
  | StandardPricing
  | GraduatedPricing
  | GraduatedPercentagePricing
  | PackagePricing
  | PercentagePricing
  | VolumePricing
  | DynamicPricing;

/** The `charge_model` of the API (spec, usage 3.2). */
export type ChargeModel = ChargePricing['chargeModel'];

/** The charge models that can be priced. */
export const CHARGE_MODELS = [
  'standard',
  'graduated',
  'package',
  'percentage',
  'volume',
  'graduated_percentage',
  'dynamic',
] as const satisfies readonly ChargeModel[];

/** Whether a value from outside names a charge model that can be priced. */
export function isChargeModel(value: unknown): value is ChargeModel {
  return (CHARGE_MODELS as readonly unknown[]).includes(value);
}

/**
 * The amount of a usage, in units of the money that prices are said in, and unrounded (spec, usage 3.5). Units below 0
 * are the caller's to refuse.
 */
export function priceUnits(pricing: ChargePricing, usage: ChargeUsage, money: PriceMoney): ChargeAmount {
  switch (pricing.chargeModel) {
    case 'standard':
      return priceStandard(pricing, usage);
    case 'graduated':
      return usage.proratedSteps
        ? priceProratedGraduated(pricing, usage, usage.proratedSteps)
        : priceGraduated(pricing, usage);
    case 'graduated_percentage':
      return priceGraduatedPercentage(pricing, usage);
    case 'package':
      return pricePackage(pricing, usage);
    case 'percentage':
      return pricePercentage(pricing, usage);
    case 'volume':
      return priceVolume(pricing, usage);
    case 'dynamic':
      return priceDynamic(usage, money);
    default:
      return pricing satisfies never;
  }
}

/** What must be known of single events: the value of each, or what they themselves say that they cost. */
export type EventFacts = 'values' | 'amounts' | null;

/**
 * What a price asks of each event, beyond the units of all: null for 1001 requests at 0.05, which cost the same in
 * whatever events they came, `values` where the first 100 of them are free.
 */
export function eventFacts(pricing: ChargePricing): EventFacts {
  if (pricing.chargeModel === 'dynamic') return 'amounts';
  return pricing.chargeModel === 'percentage' && looksAtEvents(pricing) ? 'values' : null;
}
