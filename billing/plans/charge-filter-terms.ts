import type { MetricFilter } from '../billable-metrics/metric-filters.ts';
import type { ChargeModel } from '../charges/charge-model.ts';
import { checkProperties, type ChargeProperties } from '../charges/properties.ts';
import { asObject } from '../charges/property-check.ts';
import { invalid } from '../refusal.ts';
import { listOf, type KeyLists } from '../usage/bucket-condition.ts';
import { isEveryValue } from '../usage/buckets.ts';

/** A filter of a charge as it is asked for; nothing of it is checked yet. */
export interface ChargeFilterCommand {
  readonly values: KeyLists;
  readonly properties: unknown;
  readonly invoiceDisplayName: string | null;
}

/** What a filter asks for the events that it takes. */
export interface ChargeFilterTerms {
  readonly values: KeyLists;
  /** Of the charge's model. */
  readonly properties: ChargeProperties;
  readonly invoiceDisplayName: string | null;
}

/**
 * The terms of a filter, its keys and their values in the order of their names. `{ cloud: ['aws'] }` at 5 each is
 * taken where the metric declares `aws` for `cloud`; without properties it is refused, since a filter has no defaults.
 * Keys to show usage by are the charge's: the filter's are dropped.
 *
 * @param declared the filters of the charge's metric.
 * @throws Refusal 422 `values`, `billable_metric_filter` or `properties` (spec, usage 4.1).
 */
export function chargeFilterTerms(
  { values, properties, invoiceDisplayName }: ChargeFilterCommand,
  chargeModel: ChargeModel,
  declared: readonly MetricFilter[],
): ChargeFilterTerms {
  const wanted = sortedLists(values);
  refuseUndeclared(wanted, declared);
  const { presentation_group_keys: _, ...own } = asObject(properties);
  const checked = checkProperties(chargeModel, own);
  if (!checked.valid) throw invalid({ properties: checked.codes });
  return { values: wanted, properties: checked.properties, invoiceDisplayName };
}

const sortedLists = (values: KeyLists): KeyLists =>
  Object.fromEntries(
    Object.entries(values)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, list]) => [key, [...new Set(list)]]),
  );

function refuseUndeclared(values: KeyLists, declared: readonly MetricFilter[]): void {
  const lists = Object.entries(values);
  if (lists.length === 0 || lists.some(([, list]) => list.length === 0)) {
    throw invalid({ values: ['value_is_mandatory'] });
  }
  const allowed = new Map(declared.map((filter) => [filter.key, filter.values]));
  if (lists.some(([key]) => !allowed.has(key))) throw invalid({ billable_metric_filter: ['relation_must_exist'] });
  const isAllowed = ([key, list]: readonly [string, readonly string[]]): boolean =>
    isEveryValue(list) || list.every((value) => allowed.get(key)!.includes(value));
  if (!lists.every(isAllowed)) throw invalid({ values: ['value_is_invalid'] });
}

/**
 * What a filter is recognized by, whatever the order of its keys and values: `{ cloud: ['gcp', 'aws'] }` is
 * `{ cloud: ['aws', 'gcp'] }`.
 */
export const filterIdentity = (values: KeyLists): string =>
  JSON.stringify(
    Object.keys(values)
      .toSorted()
      .map((key) => [key, listOf(values, key).toSorted()]),
  );
