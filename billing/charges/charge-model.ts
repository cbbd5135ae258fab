import type { ChargeAmount, ChargeUsage } from './charge-amount.ts';
import { priceGraduated } from './graduated.ts';
import type { GraduatedPricing } from './graduated.ts';
import { priceStandard } from './standard.ts';
import type { StandardPricing } from './standard.ts';

/** How a charge turns units into money, read from its properties (`properties.ts`). */
export type ChargePricing = StandardPricing | GraduatedPricing;

/** The `charge_model` of the API (spec, usage 3.2). */
export type ChargeModel = ChargePricing['chargeModel'];

/** The charge models that can be priced. */
export const CHARGE_MODELS = ['standard', 'graduated'] as const satisfies readonly ChargeModel[];

/** Whether a value from outside names a charge model that can be priced. */
export function isChargeModel(value: unknown): value is ChargeModel {
  return (CHARGE_MODELS as readonly unknown[]).includes(value);
}

/**
 * The amount of a usage, in currency units and unrounded (spec, usage 3.5). Units below 0 are the caller's to refuse.
 */
export function priceUnits(pricing: ChargePricing, usage: ChargeUsage): ChargeAmount {
  switch (pricing.chargeModel) {
    case 'standard':
      return priceStandard(pricing, usage);
    case 'graduated':
      return priceGraduated(pricing, usage);
    default:
      return pricing satisfies never;
  }
}

/**
 * Whether the model looks at each event and not at their units alone: no for 1001 requests at 0.05, which cost the
 * same in whatever events they came. Only then are the values of the events read.
 */
export function needsEventValues({ chargeModel }: ChargePricing): boolean {
  switch (chargeModel) {
    case 'standard':
    case 'graduated':
      return false;
    default:
      return chargeModel satisfies never;
  }
}
