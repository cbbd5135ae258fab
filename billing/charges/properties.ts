import { Decimal, parseDecimalString } from '../money/decimal.ts';
import type { ChargeModel, ChargePricing } from './charge-model.ts';
import type { GraduatedRange } from './graduated.ts';

/** Code of a rejected property; all of them are reported under the one key `properties` (spec, usage 3.4). */
export type PropertiesErrorCode =
  | 'invalid_amount'
  | 'missing_graduated_ranges'
  | 'invalid_graduated_ranges'
  | 'invalid_type'
  | 'too_many_keys'
  | 'value_is_duplicated';

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

type Json = Readonly<Record<string, unknown>>;

interface Checked<Value> {
  readonly value?: Value;
  readonly codes: readonly PropertiesErrorCode[];
}

const MAX_PRESENTATION_KEYS = 2;

/** The properties of a charge whose request has none (spec, usage 3.3). */
export function defaultProperties(chargeModel: ChargeModel): ChargeProperties {
  switch (chargeModel) {
    case 'standard':
      return { amount: '0' };
    case 'graduated':
      return { graduated_ranges: [{ from_value: 0, to_value: null, per_unit_amount: '0', flat_amount: '0' }] };
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
  const model = checkModel(chargeModel, given);
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

/**
 * The property names by which usage with these properties is grouped (spec, usage 4.4), each once: `['region']` of
 * `{ pricing_group_keys: ['region'] }`, and of the older name `grouped_by`.
 */
export function pricingGroupKeys(properties: unknown): readonly string[] {
  const { pricing_group_keys, grouped_by } = asObject(properties);
  const keys = pricing_group_keys ?? grouped_by;
  return Array.isArray(keys) ? [...new Set(keys.filter(isName))] : [];
}

interface ModelProperties {
  readonly properties: Json;
  readonly pricing: ChargePricing;
}

function checkModel(chargeModel: ChargeModel, given: Json): Checked<ModelProperties> {
  switch (chargeModel) {
    case 'standard':
      return checkStandard(given);
    case 'graduated':
      return checkGraduated(given);
    default:
      return chargeModel satisfies never;
  }
}

function checkStandard(given: Json): Checked<ModelProperties> {
  const amount = parseDecimalString(given['amount']);
  if (!amount) return { codes: ['invalid_amount'] };
  return {
    value: { properties: { amount: given['amount'] }, pricing: { chargeModel: 'standard', amount } },
    codes: [],
  };
}

function checkGraduated(given: Json): Checked<ModelProperties> {
  const sent = given['graduated_ranges'];
  if (!Array.isArray(sent) || sent.length === 0) return { codes: ['missing_graduated_ranges'] };
  const rows = sent.map(keepRangeKeys);
  const ranges = rows.map(readRange);
  const codes: PropertiesErrorCode[] = [];
  if (ranges.some((range) => !range.perUnitAmount || !range.flatAmount)) codes.push('invalid_amount');
  if (!ranges.every((range, at) => isInBounds(range, ranges[at - 1], at === ranges.length - 1)))
    codes.push('invalid_graduated_ranges');
  if (codes.length > 0) return { codes };
  const pricing: ChargePricing = { chargeModel: 'graduated', ranges: ranges as readonly GraduatedRange[] };
  return { value: { properties: { graduated_ranges: rows }, pricing }, codes };
}

interface SentRange {
  readonly fromValue: unknown;
  readonly toValue: unknown;
  readonly perUnitAmount: Decimal | undefined;
  readonly flatAmount: Decimal | undefined;
}

// A missing upper bound and null mean the same; what is stored says so.
function keepRangeKeys(row: unknown): Json {
  const { from_value, to_value = null, per_unit_amount, flat_amount } = asObject(row);
  return { from_value, to_value, per_unit_amount, flat_amount };
}

function readRange(row: Json): SentRange {
  return {
    fromValue: row['from_value'],
    toValue: row['to_value'],
    perUnitAmount: parseDecimalString(row['per_unit_amount']),
    flatAmount: parseDecimalString(row['flat_amount']),
  };
}

// "Bounds rule" of usage 3.4. A range starts where the one before it ended, or one above; the first one at 0 or 1.
function isInBounds(range: SentRange, previous: SentRange | undefined, isLast: boolean): boolean {
  const end = previous === undefined ? 0 : previous.toValue;
  if (!isBound(end) || !isBound(range.fromValue)) return false;
  const gap = new Decimal(range.fromValue).minus(end);
  if (!gap.eq(0) && !gap.eq(1)) return false;
  return isLast ? range.toValue === null : isBound(range.toValue) && range.toValue > range.fromValue;
}

// Larger numbers have already lost digits when their JSON was read.
function isBound(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}

function checkGroupKeys(given: Json): Checked<Json> {
  const kept = present(given, ['pricing_group_keys', 'grouped_by', 'presentation_group_keys']);
  const pricingKeys = [kept['pricing_group_keys'], kept['grouped_by']];
  const codes: PropertiesErrorCode[] = pricingKeys.every(isListOfNames) ? [] : ['invalid_type'];
  return { value: kept, codes: [...codes, ...checkPresentationKeys(kept['presentation_group_keys'])] };
}

function checkPresentationKeys(sent: unknown): readonly PropertiesErrorCode[] {
  if (sent === undefined) return [];
  if (!Array.isArray(sent) || !sent.every(isPresentationKey)) return ['invalid_type'];
  const codes: PropertiesErrorCode[] = [];
  if (sent.length > MAX_PRESENTATION_KEYS) codes.push('too_many_keys');
  if (new Set(sent.map(({ value }) => value)).size < sent.length) codes.push('value_is_duplicated');
  return codes;
}

function isPresentationKey(key: unknown): key is { readonly value: string } {
  const { value, options, ...unknownKeys } = asObject(key);
  if (!isName(value) || Object.keys(unknownKeys).length > 0) return false;
  if (options === undefined) return true;
  const { display_in_invoice: shown, ...unknownOptions } = asObject(options);
  return typeof shown === 'boolean' && Object.keys(unknownOptions).length === 0;
}

function isListOfNames(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every(isName));
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function present(object: Json, keys: readonly string[]): Json {
  return Object.fromEntries(
    keys.filter((key) => object[key] !== undefined && object[key] !== null).map((key) => [key, object[key]]),
  );
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
