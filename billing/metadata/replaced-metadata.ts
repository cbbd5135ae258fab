import { v7 } from 'uuid';
import { invalid } from '../../billing/refusal.ts';
import { datetime } from '../../shapes/formats.ts';

/** An item of a request's list. */
export interface MetadataInput {
  /** Of the item to change; without it a new one is made. */
  readonly id?: string | null | undefined;
  readonly key?: string | null | undefined;
  readonly value?: string | null | undefined;
}

export interface MetadataItem {
  readonly lago_id: string;
  readonly key: string;
  readonly value: string;
  readonly created_at: string;
}

/**
 * The metadata of a customer or an invoice after a request that has some: items with a known id are changed, the others made, and
 * those that are not listed deleted (spec, api 3.2).
 *
 * @param now the organization's clock.
 * @throws Refusal 422 on `metadata` for a missing key or value, and for a key that is there twice.
 */
export function replacedMetadata<Item extends MetadataInput>(
  present: readonly MetadataItem[],
  items: readonly Item[],
  now: Date,
): { readonly item: Item; readonly metadata: MetadataItem }[] {
  const presentById = new Map(present.map((item) => [item.lago_id, item]));
  const replaced = items.map((item) => {
    const before = presentById.get(item.id ?? '');
    const metadata = {
      lago_id: before?.lago_id ?? v7(),
      key: (item.key ?? before?.key ?? '').trim(),
      value: item.value ?? before?.value ?? '',
      created_at: before?.created_at ?? datetime(now),
    };
    return { item, metadata };
  });
  const all = replaced.map(({ metadata }) => metadata);
  if (all.some(({ key, value }) => key === '' || value.trim() === '')) {
    throw invalid({ metadata: ['value_is_mandatory'] });
  }
  const isRepeated =
    new Set(all.map(({ key }) => key)).size < all.length || new Set(all.map(({ lago_id: id }) => id)).size < all.length;
  if (isRepeated) throw invalid({ metadata: ['value_already_exist'] });
  return replaced;
}
