import { ZERO, type Decimal } from '../money/decimal.ts';
import { valueOf, type KeyValues } from './bucket-condition.ts';

/** A property by whose values units are shown apart; the price knows nothing of it (spec, usage 4.5). */
export interface PresentationKey {
  readonly key: string;
  /** Whether fees show it; usage shows every key. */
  readonly isOnInvoice: boolean;
}

/** Those of them that fees show. */
export const keysOnInvoice = (keys: readonly PresentationKey[]): readonly string[] =>
  keys.filter(({ isOnInvoice }) => isOnInvoice).map(({ key }) => key);

/** The units of the events with these values. */
export interface PresentedUnits {
  /** null: events without the property, or with an empty text. */
  readonly by: KeyValues;
  /** Not rounded by the metric, so that they add up. */
  readonly units: Decimal;
}

/** How the units of a fee are shown apart. */
export interface Presentation {
  /** The keys that the fee shows, of those that its parts have. */
  readonly keysOnInvoice: readonly string[];
  readonly parts: readonly PresentedUnits[];
}

/**
 * Units by fewer keys, in the order of their first parts. Of {region eu, user 7} 3 units, {eu, 8} 4 and {us, 7} 1 there
 * are 7 and 1 by region alone; by no key there is nothing to tell apart.
 */
export function presentedBy(parts: readonly PresentedUnits[], keys: readonly string[]): readonly PresentedUnits[] {
  if (keys.length === 0) return [];
  const nameOf = ({ by }: PresentedUnits): string => JSON.stringify(keys.map((key) => valueOf(by, key)));
  return [...Map.groupBy(parts, nameOf).values()].map((same) => ({
    by: Object.fromEntries(keys.map((key) => [key, valueOf(same[0]!.by, key)])),
    units: same.reduce((sum, { units }) => sum.plus(units), ZERO),
  }));
}
