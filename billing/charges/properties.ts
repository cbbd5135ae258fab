import { parseDecimalString } from '../money/decimal.ts';
import type { ChargeModel, ChargePricing } from './charge-model.ts';
import { checkGroupKeys } from './group-key-properties.ts';
import { checkPercentage } from './percentage-properties.ts';
import { asObject, type Checked, type Json, type ModelProperties, type PropertiesErrorCode } from './property-check.ts';
import { checkGraduated, checkGraduatedPercentage, checkVolume } from './range-properties.ts';

/** Properties as they are stored and printed: the JSON of the request, without unknown keys. */
export type ChargeProperties = Readonly<Record<string, unknown>>;

export type CheckedProperties =
  | { readonly valid: true; readonly properties: ChargeProperties; readonly pricing: ChargePricing }
  | { readonly valid: false; readonly codes: readonly PropertiesErrorCode[] };

/** Stored properties that no longer pass the check: the row was not written by this program. */
export class InvalidChargeProperties extends Error {
  override readonly name = 'InvalidChargeProperties';
  readonly codes: readonly PropertiesErrorCode[];

  constructor(chargeModel: ChargeModel, codes: readonly PropertiesErrorCode[]) {
    super(`properties of a ${chargeModel} charge are invalid: ${codes.join(', ')}`);
    this.codes = codes;
  }
}

/** The properties of a charge whose request has none (spec, usage 3.3). */
export function defaultProperties(chargeModel: ChargeModel): ChargeProperties {
  switch (chargeModel) {
    case 'standard':
      return { amount: '0' };
    case 'graduated':
      return { graduated_ranges: [{ from_value: 0, to_value: null, per_unit_amount: '0', flat_amount: '0' }] };
    case 'graduated_percentage':
      return { graduated_percentage_ranges: [{ from_value: 0, to_value: null, rate: '0', flat_amount: '0' }] };
    case 'package':
      return { amount: '0', package_size: 1, free_units: 0 };
    case 'percentage':
      return { rate: '0' };
    case 'volume':
      return { volume_ranges: [{ from_value: 0, to_value: null, per_unit_amount: '0', flat_amount: '0' }] };
    case 'dynamic':
      return {};
    default:
      return chargeModel satisfies never;
  }
}

/**
 * Checks the `properties` of a request (spec, usage 3.4). Absent or null means the model's defaults; anything that is
 * not an object is checked as an empty one. Unknown keys are dropped, values are kept as sent. Answers every code that
 * applies, each once.
 */
export function checkProperties(chargeModel: ChargeModel, input: unknown): CheckedProperties {
  const given = input === undefined || input === null ? defaultProperties(chargeModel) : asObject(input);
  const model = CHECKS[chargeModel](given);
  const keys = checkGroupKeys(given);
  const codes = [...new Set([...model.codes, ...keys.codes])];
  if (codes.length > 0 || !model.value) return { valid: false, codes };
  return { valid: true, properties: { ...model.value.properties, ...keys.value }, pricing: model.value.pricing };
}

/** Reads stored properties for pricing. Throws InvalidChargeProperties. */
export function pricingOf(chargeModel: ChargeModel, properties: unknown): ChargePricing {
  const checked = checkProperties(chargeModel, asObject(properties));
  if (!checked.valid) throw new InvalidChargeProperties(chargeModel, checked.codes);
  return checked.pricing;
}

const CHECKS: Readonly<Record<ChargeModel, (given: Json) => Checked<ModelProperties>>> = {
  standard: checkStandard,
  graduated: checkGraduated,
  graduated_percentage: checkGraduatedPercentage,
  package: checkPackage,
  percentage: checkPercentage,
  volume: checkVolume,
  dynamic: () => ({ value: { properties: {}, pricing: { chargeModel: 'dynamic' } }, codes: [] }),
};

function checkStandard(given: Json): Checked<ModelProperties> {
  const amount = parseDecimalString(given['amount']);
  if (!amount) return { codes: ['invalid_amount'] };
  return {
    value: { properties: { amount: given['amount'] }, pricing: { chargeModel: 'standard', amount } },
    codes: [],
  };
}

function checkPackage(given: Json): Checked<ModelProperties> {
  const amount = parseDecimalString(given['amount']);
  const { package_size: packageSize, free_units: freeUnits } = given;
  const isSize = isInteger(packageSize) && packageSize > 0;
  const isFree = isInteger(freeUnits) && freeUnits >= 0;
  if (amount && isSize && isFree) {
    return {
      value: {
        properties: { amount: given['amount'], package_size: packageSize, free_units: freeUnits },
        pricing: { chargeModel: 'package', amount, packageSize, freeUnits },
      },
      codes: [],
    };
  }
  const codes: PropertiesErrorCode[] = amount ? [] : ['invalid_amount'];
  if (!isSize) codes.push('invalid_package_size');
  if (!isFree) codes.push('invalid_free_units');
  return { codes };
}

// Larger numbers have already lost digits when their JSON was read.
const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
