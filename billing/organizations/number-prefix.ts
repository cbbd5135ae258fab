import { defaultNumberPrefix } from '../invoices/invoice-number.ts';
import { invalid } from '../refusal.ts';

/** Characters that a prefix has at most (spec, subscriptions-and-invoices 6.5). */
export const PREFIX_LENGTH = 10;

/** A prefix as it is stored, in upper case, which may be longer than what was typed: `' ß-1 '` -> `'SS-1'`. */
export const storedPrefix = (text: string): string => text.trim().toUpperCase();

/** The prefix with which an entity numbers its documents, and those with which it did before. */
export interface NumberPrefixes {
  readonly documentNumberPrefix: string;
  readonly formerNumberPrefixes: readonly string[];
}

/**
 * The prefix of an entity's document numbers: the one asked for, or one made from its name and id. No other entity of
 * the organization may have it, or have given numbers with it before it took another: two issuers never give one number
 * (spec, decisions).
 *
 * `' acme-1 '` -> `ACME-1`; none for Acme with an id that ends in `1f3c` -> `ACM-1F3C`.
 *
 * @param asked null: the default one.
 * @param others the organization's other entities, whose prefixes stay as they are until the commit.
 * @throws Refusal 422 `document_number_prefix: value_already_exist`.
 */
export function numberPrefix(
  asked: string | null,
  { id, name }: { readonly id: string; readonly name: string },
  others: readonly NumberPrefixes[],
): string {
  const taken = new Set(
    others.flatMap(({ documentNumberPrefix, formerNumberPrefixes }) => [documentNumberPrefix, ...formerNumberPrefixes]),
  );
  if (asked === null) return defaultNumberPrefix(name, id, taken);
  const prefix = storedPrefix(asked);
  if (taken.has(prefix)) throw invalid({ document_number_prefix: ['value_already_exist'] });
  return prefix;
}
