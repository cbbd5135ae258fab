import { z } from 'zod';
import type { StoredChargeFilter } from '../../billing/charges/charge-split.ts';
import type { KeyLists } from '../../billing/usage/bucket-condition.ts';
import { isEveryValue } from '../../billing/usage/buckets.ts';
import { chargePropertiesShape, shownProperties } from './charge-properties.ts';

/** Spec, usage 4.1. */
export const chargeFilterSchema = z
  .strictObject({
    lago_id: z.uuid(),
    charge_code: z.string(),
    invoice_display_name: z.string().nullable(),
    properties: chargePropertiesShape,
    values: z.record(z.string(), z.array(z.string())).meta({ examples: [{ cloud: ['aws', 'gcp'] }] }),
  })
  .meta({ id: 'ChargeFilter' });

export const chargeFilterJson = (
  filter: StoredChargeFilter,
  { code }: { readonly code: string },
): z.infer<typeof chargeFilterSchema> => ({
  lago_id: filter.id,
  charge_code: code,
  invoice_display_name: filter.invoiceDisplayName ?? null,
  properties: shownProperties(filter.properties),
  values: filterValuesJson(filter.values),
});

const sortedLists = (values: KeyLists) => Object.entries(values).toSorted(([one], [other]) => (one < other ? -1 : 1));

/** The keys in the order of their names. */
export const filterValuesJson = (values: KeyLists): Record<string, string[]> =>
  Object.fromEntries(sortedLists(values).map(([key, list]) => [key, [...list]]));

/**
 * What an invoice calls a filter: its name, else its values, by key; a key of which it takes every value is called by
 * its own name (spec, usage 4.6).
 */
export const filterDisplayName = ({
  values,
  invoiceDisplayName,
}: Pick<StoredChargeFilter, 'values' | 'invoiceDisplayName'>): string =>
  invoiceDisplayName ??
  sortedLists(values)
    .flatMap(([key, list]) => (isEveryValue(list) ? key : list))
    .join(', ');
