import { textOrNull } from '../blank-text.ts';

/** A slug as it is stored; a blank one is none (spec, api 3.1): `' Acme '` -> `'acme'`. */
export const slugOf = (slug: string | null): string | null => textOrNull(slug)?.trim().toLowerCase() ?? null;

/** The slug of an organization that names none: `Acme & Co.` with an id that ends in `1f3c` -> `acme-co-1f3c`. */
export function defaultSlug(name: string, id: string): string {
  const words = name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['organization'];
  return `${words.join('-').slice(0, 100)}-${id.slice(-4)}`;
}
