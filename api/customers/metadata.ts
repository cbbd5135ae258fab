import { v7 } from 'uuid';
import { invalid } from '../../billing/refusal.ts';
import type { CustomerMetadata } from '../../db/entities/customer.ts';
import { datetime } from '../../shapes/formats.ts';
import type { MetadataItem } from './schema.ts';

/**
 * A customer's metadata after a request that has some: items with a known id are changed, the others made, and those that are
 * not listed deleted (spec, api 3.2).
 *
 * @param now the organization's clock.
 * @throws Refusal 422 on `metadata` for a missing key or value, and for a key that is there twice.
 */
export function updatedMetadata(
  present: readonly CustomerMetadata[],
  items: readonly MetadataItem[],
  now: Date,
): CustomerMetadata[] {
  const presentById = new Map(present.map((item) => [item.lago_id, item]));
  const updated = items.map((item) => {
    const before = presentById.get(item.id ?? '');
    return {
      lago_id: before?.lago_id ?? v7(),
      key: (item.key ?? before?.key ?? '').trim(),
      value: item.value ?? before?.value ?? '',
      display_in_invoice: item.display_in_invoice ?? before?.display_in_invoice ?? false,
      created_at: before?.created_at ?? datetime(now),
    };
  });
  if (updated.some(({ key, value }) => key === '' || value.trim() === '')) {
    throw invalid({ metadata: ['value_is_mandatory'] });
  }
  const isRepeated =
    new Set(updated.map(({ key }) => key)).size < updated.length ||
    new Set(updated.map(({ lago_id: id }) => id)).size < updated.length;
  if (isRepeated) throw invalid({ metadata: ['value_already_exist'] });
  return updated;
}
