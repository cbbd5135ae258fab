import type { ChargePricing } from './charge-model.ts';

/** Code of a rejected property; all of them are reported under the one key `properties` (spec, usage 3.4). */
export type PropertiesErrorCode =
  | 'invalid_amount'
  | 'invalid_rate'
  | 'invalid_fixed_amount'
  | 'invalid_free_units'
  | 'invalid_free_units_per_events'
  | 'invalid_free_units_per_total_aggregation'
  | 'invalid_package_size'
  | 'per_transaction_max_lower_than_per_transaction_min'
  | 'missing_graduated_ranges'
  | 'invalid_graduated_ranges'
  | 'missing_graduated_percentage_ranges'
  | 'invalid_graduated_percentage_ranges'
  | 'missing_volume_ranges'
  | 'invalid_volume_ranges'
  | 'invalid_type'
  | 'too_many_keys'
  | 'value_is_duplicated';

/** An object of JSON, nothing of it checked yet. */
export type Json = Readonly<Record<string, unknown>>;

/** A value, or why it is refused. */
export interface Checked<Value> {
  readonly value?: Value;
  readonly codes: readonly PropertiesErrorCode[];
}

/** What a model keeps of the properties that were sent, and how it prices by them. */
export interface ModelProperties {
  readonly properties: Json;
  readonly pricing: ChargePricing;
}

/** What is not an object is read as an empty one. */
export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** The members of an object that are neither missing nor null: `{ b: 2 }` of `{ a: null, b: 2, c: 3 }` by a and b. */
export function present(object: Json, keys: readonly string[]): Json {
  return Object.fromEntries(
    keys.filter((key) => object[key] !== undefined && object[key] !== null).map((key) => [key, object[key]]),
  );
}
