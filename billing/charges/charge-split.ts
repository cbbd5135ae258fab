import type { MetricFilter } from '../billable-metrics/metric-filters.ts';
import type { KeyLists } from '../usage/bucket-condition.ts';
import type { ChargeSplit } from '../usage/buckets.ts';
import { eventFacts, type ChargeModel, type EventFacts } from './charge-model.ts';
import { presentationKeys, pricingGroupKeys } from './group-key-properties.ts';
import { pricingOf, type ChargeProperties } from './properties.ts';

/** A charge as it is stored. */
export interface StoredCharge {
  readonly chargeModel: ChargeModel;
  readonly properties: ChargeProperties;
}

/** A filter of a charge as it is stored: its properties are of the charge's model. */
export interface StoredChargeFilter {
  readonly id: string;
  readonly values: KeyLists;
  readonly properties: ChargeProperties;
  readonly invoiceDisplayName?: string | null | undefined;
  readonly createdAt: Date;
}

/**
 * How a stored charge splits its usage: `{ amount: '10', pricing_group_keys: ['region'] }` without filters groups all
 * of it by region.
 *
 * @param declared the filters of the metric.
 * @throws InvalidChargeProperties
 */
export function chargeSplit(
  { chargeModel, properties }: StoredCharge,
  filters: readonly StoredChargeFilter[],
  declared: readonly MetricFilter[],
): ChargeSplit {
  return {
    filters: filters.map(({ id, values, properties: own, createdAt }) => ({
      id,
      values,
      groupKeys: pricingGroupKeys(own),
      pricing: pricingOf(chargeModel, own),
      createdAt,
    })),
    groupKeys: pricingGroupKeys(properties),
    pricing: pricingOf(chargeModel, properties),
    presentationKeys: presentationKeys(properties),
    declaredValues: Object.fromEntries(declared.map(({ key, values }) => [key, values])),
  };
}

/** What the prices of a charge ask of each event: of one model they ask the same, or nothing. */
export const factsOfSplit = ({ filters, pricing }: Pick<ChargeSplit, 'filters' | 'pricing'>): EventFacts =>
  [...filters, { pricing }].map((part) => eventFacts(part.pricing)).find((facts) => facts !== null) ?? null;

/** The split of a charge whose units are shown apart by some of its keys alone (spec, usage 7.1). */
export const presentedOnlyBy = (split: ChargeSplit, keys: readonly string[]): ChargeSplit => ({
  ...split,
  presentationKeys: split.presentationKeys.filter(({ key }) => keys.includes(key)),
});

/** The split of a charge whose groups are priced together, for those who ask for that (spec, usage 7.1). */
export const withoutGroups = (split: ChargeSplit): ChargeSplit => ({
  ...split,
  groupKeys: [],
  filters: split.filters.map((filter) => ({ ...filter, groupKeys: [] })),
});
