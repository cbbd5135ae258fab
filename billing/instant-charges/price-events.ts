import type { PriceMoney } from '../charges/pricing-unit.ts';
import type { KeyValues } from '../usage/bucket-condition.ts';
import type { Bucket } from '../usage/buckets.ts';
import type { Presentation } from '../usage/presentation.ts';
import { instantFee, type InstantFee } from './instant-fee.ts';
import { itemChange, type CountedItem, type EventUnits, type Proration, type RunningUsage } from './running-usage.ts';

/** An event of a charge in advance, in its place. */
export interface InstantEvent {
  readonly actId: string;
  readonly eventId: string;
  readonly transactionId: string;
  /** Microseconds since 1970. */
  readonly timestamp: bigint;
  readonly bucket: Bucket;
  readonly groupedBy: KeyValues;
  /** By what its fee shows its units apart; null: its charge does not. */
  readonly presentation: (Pick<Presentation, 'keysOnInvoice'> & { readonly by: KeyValues }) | null;
  /** Of the running usage that it belongs to: of its period, bucket and group. */
  readonly runningId: string;
  readonly period: { readonly from: Date; readonly to: Date };
  readonly units: EventUnits;
  readonly proration: Proration;
}

/** An event with what it costs. */
export interface PricedEventFee {
  readonly event: InstantEvent;
  readonly fee: InstantFee;
}

/** The fees of events, and where usage stands after them. */
export interface PricedEvents {
  readonly fees: readonly PricedEventFee[];
  /** By id: those that have changed. */
  readonly running: ReadonlyMap<string, RunningUsage>;
  /** Of unique counts: the values that events have added or removed, each as the last of them has left it. */
  readonly items: readonly CountedItem[];
}

/** Which values of unique counts are there, by what they are counted in. */
export type PresentItems = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Prices events one after the other, each beside what those before it have left (spec, usage 6.2, 6.3). Three events of
 * a count whose third costs 2.00: 0, 0 and 200 cents, also where all three are of one moment.
 *
 * @param before where usage stands, by the id of each event.
 * @param present of unique counts: what is there, of the values of the events.
 */
export function priceEvents(
  events: readonly InstantEvent[],
  before: ReadonlyMap<string, RunningUsage>,
  money: PriceMoney,
  present: PresentItems = new Map(),
): PricedEvents {
  const running = new Map<string, RunningUsage>();
  const items = new Map<string, CountedItem>();
  const changed = ({ units }: InstantEvent): EventUnits => {
    const { item } = units;
    if (!item) return units;
    const key = JSON.stringify([item.ownerId, item.value]);
    const isThere = items.get(key)?.isAdded ?? present.get(item.ownerId)?.has(item.value) ?? false;
    items.set(key, item);
    return { ...units, change: itemChange(item, isThere) };
  };
  const fees = events.map((event) => {
    const { runningId, bucket, proration } = event;
    const units = changed(event);
    const usage = running.get(runningId) ?? before.get(runningId)!;
    const fee = instantFee({ before: usage, event: units, pricing: bucket.pricing, proration, money });
    running.set(runningId, fee.after);
    return { event, fee };
  });
  return { fees, running, items: [...items.values()] };
}
