import type { CustomerMetadata } from '../../db/entities/customer.ts';
import { replacedMetadata } from '../http/metadata.ts';
import type { MetadataItem } from './schema.ts';

/**
 * A customer's metadata after a request that has some.
 *
 * @param now the organization's clock.
 * @throws Refusal 422 as `replacedMetadata`.
 */
export function updatedMetadata(
  present: readonly CustomerMetadata[],
  items: readonly MetadataItem[],
  now: Date,
): CustomerMetadata[] {
  const shownBefore = new Map(present.map((item) => [item.lago_id, item.display_in_invoice]));
  return replacedMetadata(present, items, now).map(({ item, metadata: { created_at, ...metadata } }) => ({
    ...metadata,
    display_in_invoice: item.display_in_invoice ?? shownBefore.get(metadata.lago_id) ?? false,
    created_at,
  }));
}
