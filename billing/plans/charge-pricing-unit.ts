import { Decimal, parseDecimalString } from '../money/decimal.ts';
import { isBlank } from '../blank-text.ts';
import { invalid } from '../refusal.ts';
import type { PricingUnitCommand } from './plan-command.ts';

/** What the prices of a charge and its minimum are said in; both null: the plan's currency. */
export interface ChargePricingUnit {
  readonly pricingUnitId: string | null;
  /** Currency units that one of it is worth. */
  readonly pricingUnitRate: Decimal | null;
}

/** The ids of an organization's pricing units, by their codes. */
export type PricingUnitIds = ReadonlyMap<string, string>;

const IN_CURRENCY: ChargePricingUnit = { pricingUnitId: null, pricingUnitRate: null };

/**
 * The pricing unit of a new charge: `{ code: 'credits', conversionRate: 0.5 }` says its prices in credits of half a
 * euro each (spec, usage 11).
 *
 * @throws Refusal 422 `pricing_unit`, `conversion_rate`.
 */
export function newPricingUnit(command: PricingUnitCommand | null, ids: PricingUnitIds): ChargePricingUnit {
  if (command === null) return IN_CURRENCY;
  const pricingUnitId = ids.get(command.code ?? '');
  const rate = rateOf(command.conversionRate) ?? 'value_is_mandatory';
  if (pricingUnitId !== undefined && typeof rate !== 'string') return { pricingUnitId, pricingUnitRate: rate };
  throw invalid({
    ...(pricingUnitId === undefined && { pricing_unit: ['relation_must_exist'] }),
    ...(typeof rate === 'string' && { conversion_rate: [rate] }),
  });
}

/**
 * The pricing unit of a charge after an update: only its rate changes. Credits at 0.5 become credits at 0.6, and a
 * charge in the currency stays one.
 *
 * @throws Refusal 422 `conversion_rate`.
 */
export function changedPricingUnit(command: PricingUnitCommand | null, present: ChargePricingUnit): ChargePricingUnit {
  const { pricingUnitId, pricingUnitRate } = present;
  if (pricingUnitId === null) return IN_CURRENCY;
  const rate = rateOf(command?.conversionRate ?? null) ?? pricingUnitRate;
  if (typeof rate === 'string') throw invalid({ conversion_rate: [rate] });
  return { pricingUnitId, pricingUnitRate: rate };
}

/** Why something is no rate, or the rate; null: there is none. */
function rateOf(sent: string | number | null): Decimal | 'value_is_invalid' | 'value_is_out_of_range' | null {
  if (sent === null || (typeof sent === 'string' && isBlank(sent))) return null;
  const text = typeof sent === 'number' ? new Decimal(sent).toFixed() : sent.trim();
  const rate = parseDecimalString(text.replace(/^-/, ''));
  if (rate === undefined) return 'value_is_invalid';
  return text.startsWith('-') || rate.isZero() ? 'value_is_out_of_range' : rate;
}
