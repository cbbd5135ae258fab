/** Cents, which JSON cannot say. */
const CENTS = ['amountFrom', 'amountTo'] as const;

/**
 * The filter of a list as a row keeps it.
 *
 * `keptFilter({ currency: 'EUR', amountFrom: 1000n })` is `{ currency: 'EUR', amountFrom: '1000' }`.
 */
export const keptFilter = (filter: object): Record<string, unknown> =>
  JSON.parse(
    JSON.stringify(filter, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  ) as Record<string, unknown>;

/** The filter that a row keeps. */
export function readFilter(kept: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const cents = CENTS.filter((name) => kept[name] != null).map((name) => [name, BigInt(kept[name] as string)] as const);
  return { ...kept, ...Object.fromEntries(cents) };
}
