import { invalid, notFound } from '../refusal.ts';

/** Keys that a flat map has at most (spec, api 1.5). */
export const METADATA_KEYS_MAX = 50;

export type FlatMetadata = Readonly<Record<string, string | null>>;

/**
 * A flat map with what a request adds to it (spec, money 3.10).
 *
 * `{a: '1', b: '2'}` with `{b: null, c: '3'}`: `{a: '1', b: null, c: '3'}`.
 *
 * @throws Refusal 422 `metadata: too_many_keys`.
 */
export function mergedMetadata(present: FlatMetadata | null, added: FlatMetadata): FlatMetadata {
  const merged = { ...present, ...added };
  if (Object.keys(merged).length > METADATA_KEYS_MAX) throw invalid({ metadata: ['too_many_keys'] });
  return merged;
}

/**
 * A flat map without a key (spec, api 2.3).
 *
 * `{a: '1', b: '2'}` without `a`: `{b: '2'}`.
 *
 * @throws Refusal 404 `metadata_not_found`.
 */
export function withoutKey(present: FlatMetadata | null, key: string): FlatMetadata {
  if (!present || !Object.hasOwn(present, key)) throw notFound('metadata');
  const { [key]: _, ...others } = present;
  return others;
}
