import { invalid } from '../refusal.ts';

/** An item of a request's list. */
export interface MetadataInput {
  /** Of the item to change; without it a new one is made. */
  readonly id?: string | null | undefined;
  readonly key?: string | null | undefined;
  readonly value?: string | null | undefined;
}

/** An item as it is stored and shown. */
export interface MetadataItem {
  readonly lago_id: string;
  readonly key: string;
  readonly value: string;
  readonly created_at: string;
}

/** What an item gets that is new. */
export interface NewMetadata {
  readonly id: () => string;
  /** The organization's clock, as answers show it. */
  readonly createdAt: string;
}

/**
 * The metadata of a customer or an invoice after a request that has some: items with a known id are changed, the others
 * made, and those that are not listed deleted (spec, api 3.2).
 *
 * Of `[{a: '1'}, {b: '2'}]`, a request with `[{id of a, value: '3'}, {key: 'c', value: '4'}]` leaves `[{a: '3'}, {c:
 * '4'}]`.
 *
 * @throws Refusal 422 on `metadata` for a missing key or value, and for a key that is there twice.
 */
export function replacedMetadata<Item extends MetadataInput>(
  present: readonly MetadataItem[],
  items: readonly Item[],
  made: NewMetadata,
): { readonly item: Item; readonly metadata: MetadataItem }[] {
  const presentById = new Map(present.map((item) => [item.lago_id, item]));
  const replaced = items.map((item) => {
    const before = presentById.get(item.id ?? '');
    const metadata = {
      lago_id: before?.lago_id ?? made.id(),
      key: (item.key ?? before?.key ?? '').trim(),
      value: item.value ?? before?.value ?? '',
      created_at: before?.created_at ?? made.createdAt,
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
