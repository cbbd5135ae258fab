import type { PresentationKey } from '../usage/presentation.ts';
import { asObject, present, type Checked, type Json, type PropertiesErrorCode } from './property-check.ts';

const MAX_PRESENTATION_KEYS = 2;

/** The keys by which usage is priced or shown apart, as a charge of any model may have them (spec, usage 3.3, 3.4). */
export function checkGroupKeys(given: Json): Checked<Json> {
  const kept = present(given, ['pricing_group_keys', 'grouped_by', 'presentation_group_keys']);
  const pricingKeys = [kept['pricing_group_keys'], kept['grouped_by']];
  const codes: PropertiesErrorCode[] = pricingKeys.every(isListOfNames) ? [] : ['invalid_type'];
  return { value: kept, codes: [...codes, ...checkPresentationKeys(kept['presentation_group_keys'])] };
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

/**
 * The property names by which units with these properties are shown apart (spec, usage 4.5): `region`, also on
 * invoices, of `{ presentation_group_keys: [{ value: 'region', options: { display_in_invoice: true } }] }`.
 */
export function presentationKeys(properties: unknown): readonly PresentationKey[] {
  const keys = asObject(properties)['presentation_group_keys'];
  if (!Array.isArray(keys)) return [];
  return keys.filter(isPresentationKey).map(({ value, options }) => ({
    key: value,
    isOnInvoice: options?.display_in_invoice === true,
  }));
}

function checkPresentationKeys(sent: unknown): readonly PropertiesErrorCode[] {
  if (sent === undefined) return [];
  if (!Array.isArray(sent) || !sent.every(isPresentationKey)) return ['invalid_type'];
  const codes: PropertiesErrorCode[] = [];
  if (sent.length > MAX_PRESENTATION_KEYS) codes.push('too_many_keys');
  if (new Set(sent.map(({ value }) => value)).size < sent.length) codes.push('value_is_duplicated');
  return codes;
}

interface SentPresentationKey {
  readonly value: string;
  readonly options?: { readonly display_in_invoice: boolean };
}

function isPresentationKey(key: unknown): key is SentPresentationKey {
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
