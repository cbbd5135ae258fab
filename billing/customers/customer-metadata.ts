import {
  replacedMetadata,
  type MetadataInput,
  type MetadataItem,
  type NewMetadata,
} from '../metadata/replaced-metadata.ts';

export interface CustomerMetadata extends MetadataItem {
  readonly display_in_invoice: boolean;
}

export interface CustomerMetadataInput extends MetadataInput {
  readonly displayInInvoice?: boolean | null | undefined;
}

/**
 * A customer's metadata after a request that has some, as `replacedMetadata`. An item is on invoices if the request
 * says so, else as it was before; a new one is not.
 *
 * @throws Refusal 422 as `replacedMetadata`.
 */
export function replacedCustomerMetadata(
  present: readonly CustomerMetadata[],
  items: readonly CustomerMetadataInput[],
  made: NewMetadata,
): CustomerMetadata[] {
  const shownBefore = new Map(present.map((item) => [item.lago_id, item.display_in_invoice]));
  return replacedMetadata(present, items, made).map(({ item, metadata: { created_at, ...metadata } }) => ({
    ...metadata,
    display_in_invoice: item.displayInInvoice ?? shownBefore.get(metadata.lago_id) ?? false,
    created_at,
  }));
}
