import type { MetricFilter } from '../billable-metrics/metric-filters.ts';
import type { ChargeModel } from '../charges/charge-model.ts';
import type { StoredChargeFilter } from '../charges/charge-split.ts';
import {
  chargeFilterTerms,
  filterIdentity,
  type ChargeFilterCommand,
  type ChargeFilterTerms,
} from './charge-filter-terms.ts';
import { isSameJson } from './same-json.ts';

/** A filter that a charge is to have. */
export interface WantedChargeFilter extends ChargeFilterTerms {
  /** The filter that becomes this one; null: it is new. */
  readonly id: string | null;
}

/**
 * The filters that a list asks for, in its order: an item becomes the filter that is there with the same values, the
 * first of several, any other is new (spec, usage 4.1). With `aws` and `gcp` present, a list of `gcp` and `azure`
 * keeps the one and makes the other.
 *
 * @param present the charge's filters.
 * @param declared the filters of its metric.
 * @throws Refusal as `chargeFilterTerms`.
 */
export function wantedFilters(
  commands: readonly ChargeFilterCommand[],
  present: readonly StoredChargeFilter[],
  chargeModel: ChargeModel,
  declared: readonly MetricFilter[],
): readonly WantedChargeFilter[] {
  const free = Map.groupBy(present, ({ values }) => filterIdentity(values));
  return commands.map((command) => {
    const terms = chargeFilterTerms(command, chargeModel, declared);
    return { ...terms, id: free.get(filterIdentity(terms.values))?.shift()?.id ?? null };
  });
}

/** What becomes of each filter of a charge. */
export interface FilterListChange {
  /** New ones and those that change, each with its place in the list, from 0. */
  readonly save: readonly (WantedChargeFilter & { readonly position: number })[];
  /** Ids of filters that are deleted. */
  readonly drop: readonly string[];
}

/**
 * What has to be done to the filters that a charge has, so that they become those that it is to have. With `aws` and
 * `gcp` present, and a list of `aws` at another price: `aws` is saved, `gcp` dropped. Of 500 filters with one change,
 * one is saved.
 */
export function filterListChange(
  present: readonly StoredChargeFilter[],
  wanted: readonly WantedChargeFilter[],
): FilterListChange {
  const wantedIds = new Set(wanted.map(({ id }) => id));
  const placeOf = new Map(present.map((filter, position) => [filter.id, { filter, position }]));
  const isKept = ({ id, ...terms }: WantedChargeFilter, position: number): boolean => {
    const there = placeOf.get(id ?? '');
    return there?.position === position && isSameFilter(there.filter, terms);
  };
  return {
    save: wanted
      .map((filter, position) => ({ ...filter, position }))
      .filter((filter) => !isKept(filter, filter.position)),
    drop: present.flatMap(({ id }) => (wantedIds.has(id) ? [] : [id])),
  };
}

const isSameFilter = (present: StoredChargeFilter, wanted: ChargeFilterTerms): boolean =>
  (present.invoiceDisplayName ?? null) === wanted.invoiceDisplayName &&
  isSameJson(present.values, wanted.values) &&
  isSameJson(present.properties, wanted.properties);
